(function () {
  "use strict";
  var all = function (q) { return Array.prototype.slice.call(document.querySelectorAll(q)); };

  // What scrolls is reached by the keyboard; what fits is no stop on the way.
  function reach() {
    all(".display,.rich,.figure").forEach(function (el) {
      if (el.scrollWidth > el.clientWidth + 1) {
        el.tabIndex = 0;
        el.setAttribute("role", "group");
        el.setAttribute("aria-label", (el.classList.contains("display") ? "Formula" : "Output") + ", scrolls sideways");
      } else if (el.hasAttribute("tabindex")) {
        ["tabindex", "role", "aria-label"].forEach(function (a) { el.removeAttribute(a); });
      }
    });
    all(".display").forEach(more);
    all("pre[tabindex],.scroll[tabindex]").forEach(function (el) {
      el.tabIndex = el.scrollWidth > el.clientWidth + 1 || el.scrollHeight > el.clientHeight + 1 ? 0 : -1;
    });
  }
  // A formula that goes on to the right fades there.
  function more(el) {
    el.classList.toggle("more", el.scrollLeft + el.clientWidth < el.scrollWidth - 2);
  }
  all(".display").forEach(function (el) {
    el.addEventListener("scroll", function () { more(el); }, { passive: true });
  });
  reach();
  addEventListener("resize", reach);
  all("details").forEach(function (d) { d.addEventListener("toggle", reach); });

  // Few fonts have all mathematical letters of Unicode; what a machine lacks would be a box. Without
  // a font made for mathematics, variables become the text font's italics, all of them, so that they
  // look alike; of other alphabets only what is missing is replaced.
  var letters = all("math mi");
  if (letters.length && "".normalize) {
    var canvas = document.createElement("canvas"), seen = {};
    canvas.width = canvas.height = 40;
    var ctx = canvas.getContext("2d");
    ctx.font = "24px serif";
    var ink = function (s) {
      ctx.clearRect(0, 0, 40, 40);
      ctx.fillText(s, 4, 30);
      return canvas.toDataURL();
    };
    var box = ink("\udbff\udffd");
    var missing = function (c) {
      if (!(c in seen)) seen[c] = ink(String.fromCodePoint(c)) === box;
      return seen[c];
    };
    var width = function (font) {
      ctx.font = "24px " + font;
      return ctx.measureText("A formula: fgwm").width;
    };
    var other = width("monospace");
    var plain = !["Latin Modern Math", "STIX Two Math", "Cambria Math", "Libertinus Math", "TeX Gyre Pagella Math",
      "TeX Gyre Termes Math", "Asana Math"].some(function (f) { return width("'" + f + "',monospace") !== other; });
    letters.forEach(function (mi) {
      var s = mi.textContent, c = s.codePointAt(0);
      var within = function (a, b) { return c >= a && c < b; };
      var italic = within(0x1d434, 0x1d49c) || within(0x1d6e2, 0x1d756);
      if (within(0x1d400, 0x1d800)) {
        if (!(italic && plain) && !missing(c)) return;
        mi.textContent = s.normalize("NFKC");
        if (italic || within(0x1d49c, 0x1d504)) mi.style.fontStyle = "italic";
        if (within(0x1d400, 0x1d434) || within(0x1d468, 0x1d49c) || within(0x1d4d0, 0x1d504) || within(0x1d56c, 0x1d5a0) ||
            within(0x1d5d4, 0x1d608) || within(0x1d6a8, 0x1d6e2) || within(0x1d71c, 0x1d790)) mi.style.fontWeight = "bold";
      } else if (!plain || s.length !== 1 || mi.hasAttribute("mathvariant") || !/[A-Za-z\u0131\u0237\u0391-\u03f6\u2202]/.test(s)) {
        return;
      } else {
        mi.style.fontStyle = "italic";
      }
      mi.style.textTransform = "none";
    });
  }

  // Code can be copied.
  if (navigator.clipboard) all("pre.code").forEach(function (pre) {
    var box = document.createElement("div"), b = document.createElement("button");
    box.className = "codebox";
    pre.parentNode.insertBefore(box, pre);
    box.appendChild(pre);
    b.type = "button";
    b.className = "copy";
    b.textContent = "Copy";
    b.addEventListener("click", function () {
      navigator.clipboard.writeText(pre.textContent).then(function () {
        b.textContent = "Copied";
        setTimeout(function () { b.textContent = "Copy"; }, 1500);
      }, function () { b.textContent = "Not allowed"; });
    });
    box.appendChild(b);
  });

  // The contents show where the reader is.
  var links = all(".toc a"), heads = [];
  links.forEach(function (a) {
    var h = document.getElementById(decodeURIComponent(a.getAttribute("href").slice(1)));
    if (h) heads.push([h, a]);
  });
  function here() {
    var now = null;
    heads.forEach(function (p) { if (p[0].getBoundingClientRect().top < innerHeight * 0.25) now = p[1]; });
    links.forEach(function (a) {
      if (a === now) a.setAttribute("aria-current", "true"); else a.removeAttribute("aria-current");
    });
  }
  if (heads.length) {
    var waiting = false;
    addEventListener("scroll", function () {
      if (waiting) return;
      waiting = true;
      requestAnimationFrame(function () { waiting = false; here(); });
    }, { passive: true });
    here();
  }
  // On a phone the contents fold again once they have led somewhere.
  links.forEach(function (a) {
    a.addEventListener("click", function () {
      if (matchMedia("(max-width:63.99rem)").matches) a.closest("details").open = false;
    });
  });
})();
