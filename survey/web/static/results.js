// The pages of results: tables become cards on a phone, what an address or a link points at is opened,
// and paper shows what the page folds. Without it a wide table is moved sideways, everything opens by
// a tap, and a link leads to the question that holds its answer.
(() => {
  // A card's cell brings its heading along, and roles are said twice, so that a table laid out as
  // cards stays one for screen readers.
  for (const table of /** @type {NodeListOf<HTMLTableElement>} */ (document.querySelectorAll("table.bare"))) {
    const heads = [...(table.rows[0]?.cells ?? [])].map((head) => head.textContent ?? "");
    table.setAttribute("role", "table");
    for (const part of table.querySelectorAll("thead, tbody")) part.setAttribute("role", "rowgroup");
    for (const row of table.rows) {
      row.setAttribute("role", "row");
      for (const [at, cell] of [...row.cells].entries()) {
        const heading = cell.scope === "col" ? "columnheader" : "rowheader";
        cell.setAttribute("role", cell.scope ? heading : "cell");
        if (!cell.scope) cell.dataset.head = heads[at];
      }
    }
    table.classList.remove("bare");
  }

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
