@echo off
rem Double-click: sets Hai Long up in this folder, once, then serves the office of the folder "office".
chcp 65001 >nul
setlocal
title Hài Lòng
pushd "%~dp0" || goto no_folder
set "PYTHONUTF8=1"

set "PY="
where py >nul 2>nul && set "PY=py -3"
if not defined PY where python >nul 2>nul && set "PY=python"
if not defined PY goto no_python
%PY% -c "import sys; sys.exit(sys.version_info < (3, 11))" 2>nul || goto no_python

rem The same libraries as last time: nothing to install.
fc /b requirements.lock .venv\ready.lock >nul 2>nul && goto serve

echo Cài đặt vào thư mục .venv: khoảng 2 phút, tải khoảng 300 MB, chiếm khoảng 1 GB đĩa.
echo 1/3 môi trường Python
%PY% -m venv .venv || goto failed
echo 2/3 các thư viện
.venv\Scripts\python -m pip install --disable-pip-version-check --require-hashes -r requirements.lock || goto failed
echo 3/3 Hài Lòng
set "PRODUCT=-e ."
for %%W in (hailong-*.whl) do set "PRODUCT=%%W"
.venv\Scripts\python -m pip install -q --disable-pip-version-check --no-deps --no-build-isolation %PRODUCT% || goto failed
copy /y requirements.lock .venv\ready.lock >nul

:serve
echo.
echo Hài Lòng đang khởi động. Để cửa sổ này mở; đóng cửa sổ là dừng máy chủ.
echo.
.venv\Scripts\hailong --lang vi serve --data office --open && exit /b 0
echo.
echo Máy chủ đã dừng vì lý do ở trên.
pause
exit /b 1

:no_python
echo Máy này chưa có Python 3.11 trở lên. Hãy cài từ https://www.python.org/downloads/
echo (chọn "Add python.exe to PATH" và "Install for all users"), rồi bấm đúp tệp này lần nữa.
pause
exit /b 1

:no_folder
echo Không mở được thư mục của tệp này. Hãy chép cả thư mục vào ổ đĩa của máy, ví dụ C:\hailong.
pause
exit /b 1

:failed
echo.
echo Chưa cài được vì lý do ở trên. Xem máy có nối mạng không, rồi bấm đúp tệp này lần nữa: việc sẽ tiếp tục.
pause
exit /b 1
