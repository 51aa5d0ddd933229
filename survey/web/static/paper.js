// Typing a paper sheet: a digit goes on to the next field, Enter too, Backspace in an empty field goes
// back. Everything here is an extra; without it Tab does the same.
(() => {
  const form = document.querySelector("form[data-sheet]");
  if (!form) return;
  const most = Number(form.dataset.sheet);
  const fields = [...form.querySelectorAll("select, input:not([type=hidden])")];
  const last = form.querySelector("button");
  const go = (from, step) => {
    const next = fields[fields.indexOf(from) + step] ?? (step > 0 ? last : fields[0]);
    next.focus();
    if (next.select) next.select();
  };

  form.addEventListener("keydown", (event) => {
    const field = event.target;
    if (!fields.includes(field) || event.isComposing) return;
    if (event.key === "Enter") {
      event.preventDefault();
      go(field, 1);
    } else if (event.key === "Backspace" && field.matches(".digit") && field.value === "") {
      event.preventDefault();
      go(field, -1);
    }
  });
  form.addEventListener("input", ({ target }) => {
    // With ten levels or more a digit may be the beginning of a number.
    if (target.matches(".digit") && most < 10 && /^\d$/.test(target.value)) go(target, 1);
  });
  // A sheet is sent once, however long Enter is held down.
  form.addEventListener("submit", () => setTimeout(() => { last.disabled = true; }));
  addEventListener("pageshow", () => { last.disabled = false; });

  const wrong = form.querySelector("[aria-invalid]");
  (wrong ?? fields[0]).focus();
})();
