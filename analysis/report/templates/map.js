/* Takes the drawing over: pan and zoom with Leaflet, names that keep their size, an area's numbers.
   Without it the page still shows the whole map and the whole table. */
(function () {
  "use strict";
  if (!window.L) { return; }

  var page = document.documentElement;
  var box = document.getElementById("map");
  var svg = box.querySelector("svg");
  var paths = Array.prototype.slice.call(svg.querySelectorAll("#areas path"));
  var rows = Array.prototype.slice.call(document.querySelectorAll("tbody tr"));
  var heads = Array.prototype.map.call(document.querySelectorAll("thead th"), text);
  var find = document.getElementById("find");
  var said = document.getElementById("said");
  var chosen = document.getElementById("chosen");
  var west = Number(box.dataset.west), north = Number(box.dataset.north);
  var size = svg.viewBox.baseVal;
  var calm = window.matchMedia("(prefers-reduced-motion: reduce)").matches;

  function text(element) { return element.textContent; }

  /* The drawing's units are metres of the projection Leaflet draws in. */
  function place(x, y) { return L.Projection.SphericalMercator.unproject(L.point(west + x, north - y)); }
  function bounds(r) { return L.latLngBounds(place(r.x, r.y + r.height), place(r.x + r.width, r.y)); }
  var whole = bounds(size);

  page.classList.add("js");
  box.removeChild(svg);
  box.setAttribute("role", "region");
  box.setAttribute("aria-label", svg.getAttribute("aria-label") +
    " Arrow keys move it, plus and minus zoom.");
  var map = L.map(box, {
    attributionControl: false, zoomSnap: 0.25, maxZoom: 18, maxBounds: whole.pad(0.6),
    zoomAnimation: !calm, fadeAnimation: !calm, inertia: !calm
  });
  L.svgOverlay(svg, whole, { interactive: true }).addTo(map);
  L.control.scale({ imperial: false }).addTo(map);
  map.fitBounds(whole, { animate: false });
  map.setMinZoom(map.getZoom() - 1);

  function resize() {
    var a = map.latLngToLayerPoint(whole.getNorthWest());
    var b = map.latLngToLayerPoint(whole.getSouthEast());
    var unit = size.width / Math.max(1, b.x - a.x);
    page.style.setProperty("--u", unit);
    var letters = parseFloat(getComputedStyle(page).getPropertyValue("--size"));
    svg.classList.toggle("far", letters / unit < 6);
    svg.querySelector("#hatch-none").setAttribute("patternTransform", "scale(" + unit + ") rotate(45)");
    svg.querySelector("#hatch-held").setAttribute("patternTransform", "scale(" + unit + ")");
    declutter();
  }

  /* Ward names first, then places: what would lie on an earlier name is not shown. */
  function declutter() {
    var kept = [];
    svg.querySelectorAll("#names text, #places text").forEach(function (name) {
      name.classList.remove("off");
      var a = name.getBoundingClientRect();
      var free = kept.every(function (b) {
        return a.right < b.left || a.left > b.right || a.bottom < b.top || a.top > b.bottom;
      });
      if (free) { kept.push(a); } else { name.classList.add("off"); }
    });
  }
  map.on("zoomend resize", resize);
  resize();

  /* Where the pointer is */
  var tip = document.createElement("div");
  tip.id = "tip";
  tip.hidden = true;
  box.appendChild(tip);
  svg.addEventListener("pointermove", function (event) {
    var index = paths.indexOf(event.target);
    tip.hidden = index < 0;
    if (index < 0) { return; }
    var cells = rows[index].cells;
    tip.textContent = text(cells[0]) + ": " + text(cells[1]);
    var at = box.getBoundingClientRect();
    var x = event.clientX - at.left, y = event.clientY - at.top;
    var left = x > at.width / 2;
    tip.style.left = left ? "auto" : (x + 16) + "px";
    tip.style.right = left ? (at.width - x + 16) + "px" : "auto";
    tip.style.top = Math.max(4, y - 40) + "px";
  });
  svg.addEventListener("pointerleave", function () { tip.hidden = true; });

  /* One area's numbers */
  function choose(index, move) {
    if (index < 0) { return; }
    rows.forEach(function (row) { row.classList.remove("chosen"); });
    rows[index].classList.add("chosen");
    chosen.setAttribute("d", paths[index].getAttribute("d"));
    find.value = String(index);
    var list = document.createElement("dl");
    Array.prototype.forEach.call(rows[index].cells, function (cell, n) {
      var term = document.createElement("dt"), value = document.createElement("dd");
      term.textContent = heads[n];
      value.textContent = text(cell);
      list.append(term, value);
    });
    said.replaceChildren(list);
    if (move) { map.fitBounds(bounds(paths[index].getBBox()).pad(1.5), { animate: !calm }); }
  }
  svg.addEventListener("click", function (event) { choose(paths.indexOf(event.target), false); });
  rows.forEach(function (row, index) {
    find.add(new Option(text(row.cells[0]), String(index)));
    row.cells[0].addEventListener("click", function () {
      choose(index, true);
      box.scrollIntoView({ block: "center", behavior: calm ? "auto" : "smooth" });
    });
  });
  find.addEventListener("change", function () {
    if (find.value !== "") { choose(Number(find.value), true); }
  });
  document.getElementById("all").addEventListener("click", function () {
    map.fitBounds(whole, { animate: !calm });
  });
  document.querySelector(".tools").hidden = false;
})();
