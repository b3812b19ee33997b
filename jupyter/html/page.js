(function () {
  "use strict";
  var all = function (q) { return Array.prototype.slice.call(document.querySelectorAll(q)); };

  // What scrolls is reached by the keyboard; what fits is no stop on the way.
  function reach() {
    all(".display").forEach(function (el) {
      if (el.scrollWidth > el.clientWidth + 1) {
        el.tabIndex = 0;
        el.setAttribute("role", "group");
        el.setAttribute("aria-label", "Formula, scrolls sideways");
      } else if (el.hasAttribute("tabindex")) {
        ["tabindex", "role", "aria-label"].forEach(function (a) { el.removeAttribute(a); });
      }
      more(el);
    });
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
