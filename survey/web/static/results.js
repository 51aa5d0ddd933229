// The page of results: what an address or a link points at is opened, and paper shows what the page
// folds. Without it everything opens by a tap, and a link leads to the question that holds its answer.
(() => {
  const open = () => {
    const aim = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!aim) return;
    for (let one = aim.closest("details"); one; one = one.parentElement?.closest("details") ?? null) {
      one.open = true;
    }
    aim.scrollIntoView();
  };
  addEventListener("hashchange", open);
  open();

  /** @type {HTMLDetailsElement[]} */
  let opened = [];
  addEventListener("beforeprint", () => {
    const folded = document.querySelectorAll("main details:not([open], .chosen details, #method)");
    opened = /** @type {HTMLDetailsElement[]} */ ([...folded]);
    for (const one of opened) one.open = true;
  });
  addEventListener("afterprint", () => {
    for (const one of opened) one.open = false;
    opened = [];
  });
})();
