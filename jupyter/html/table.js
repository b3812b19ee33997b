(function () {
  "use strict";
  // Tables can be sorted and filtered; without this script they are complete and in their own order.
  var text = function (cell) { return (cell.getAttribute("data-sort") || cell.textContent).trim(); };
  var number = function (s) {
    var m = /^[-+−]?[\d.,]*\d(e[-+]?\d+)?/i.exec(s.replace(/^[≤≥<>~≈]\s*/, ""));
    return m ? parseFloat(m[0].replace("−", "-").replace(/,/g, "")) : NaN;
  };
  Array.prototype.forEach.call(document.querySelectorAll("table.data"), function (table) {
    var body = table.tBodies[0], rows = Array.prototype.slice.call(body.rows), status = null;
    var heads = Array.prototype.slice.call(table.tHead.rows[0].cells);

    heads.forEach(function (th, col) {
      if (!th.textContent.trim()) return;
      var b = document.createElement("button");
      b.type = "button";
      while (th.firstChild) b.appendChild(th.firstChild);
      th.appendChild(b);
      b.addEventListener("click", function () {
        var down = th.getAttribute("aria-sort") === "ascending" ? -1 : 1;
        heads.forEach(function (h) { h.removeAttribute("aria-sort"); });
        th.setAttribute("aria-sort", down === 1 ? "ascending" : "descending");
        var keys = rows.map(function (r, i) {
          var s = r.cells[col] ? text(r.cells[col]) : "";
          return { row: r, s: s, n: number(s), i: i };
        });
        keys.sort(function (a, b) {
          var an = isNaN(a.n), bn = isNaN(b.n), c;
          if (!an && !bn && a.n !== b.n) c = a.n - b.n;
          else if (an !== bn) return an ? 1 : -1;
          else c = a.s.localeCompare(b.s, undefined, { numeric: true });
          return c * down || a.i - b.i;
        });
        keys.forEach(function (k) { body.appendChild(k.row); });
      });
    });

    if (rows.length < 8) return;
    var tools = document.createElement("div"), label = document.createElement("label"), input = document.createElement("input");
    tools.className = "tools";
    input.type = "search";
    input.placeholder = "Filter rows";
    input.setAttribute("aria-label", "Filter the rows of " + (table.getAttribute("aria-label") || "this table"));
    status = document.createElement("span");
    status.setAttribute("role", "status");
    label.appendChild(input);
    tools.appendChild(label);
    tools.appendChild(status);
    var scroll = table.parentNode;
    scroll.parentNode.insertBefore(tools, scroll);
    var show = function () {
      var words = input.value.toLowerCase().split(/\s+/).filter(Boolean), n = 0;
      rows.forEach(function (r) {
        var t = r.textContent.toLowerCase();
        var on = words.every(function (w) { return t.indexOf(w) >= 0; });
        r.hidden = !on;
        if (on) n++;
      });
      status.textContent = words.length ? n + " of " + rows.length + " rows" : rows.length + " rows";
    };
    input.addEventListener("input", show);
    show();
  });
})();
