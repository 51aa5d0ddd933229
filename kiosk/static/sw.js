// The service worker. The server fills these two in (kiosk/blueprint.py).
const BUILD = null;
const SHELL = [];
