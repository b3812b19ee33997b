// Runs while the page loads: on a narrow screen the contents start folded.
(function () {
  var d = document.querySelector(".toc details");
  if (d && window.matchMedia && matchMedia("(max-width:63.99rem)").matches) d.open = false;
})();
