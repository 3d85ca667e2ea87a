/* Takes the drawing over: pan and zoom with Leaflet, names that keep their size, an area's numbers.
   Without it the page still shows the whole map and the whole table. */
(function () {
  "use strict";
  if (!window.L) { return; }

  var page = document.documentElement;
  var box = document.getElementById("map");
  var svg = box.querySelector("svg");
  var paths = Array.from(svg.querySelectorAll("#areas path"));
  var rows = Array.from(document.querySelectorAll("tbody tr"));
  var heads = Array.from(document.querySelectorAll("thead th"), text);
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
    attributionControl: false, zoomSnap: 0.1, maxZoom: 18, maxBounds: whole.pad(0.6),
    zoomAnimation: !calm, fadeAnimation: !calm, inertia: !calm
  });
  L.svgOverlay(svg, whole, { interactive: true }).addTo(map);
  L.control.scale({ imperial: false, maxWidth: 140 }).addTo(map);
  map.fitBounds(whole, { animate: false });
  map.setMinZoom(map.getZoom() - 1);

  function scale(unit) {
    page.style.setProperty("--u", unit);
    svg.querySelector("#hatch-none").setAttribute("patternTransform", "scale(" + unit + ") rotate(45)");
    svg.querySelector("#hatch-held").setAttribute("patternTransform", "scale(" + unit + ")");
  }
  function setting(name) { return parseFloat(getComputedStyle(page).getPropertyValue(name)); }
  function resize() {
    var a = map.latLngToLayerPoint(whole.getNorthWest());
    var b = map.latLngToLayerPoint(whole.getSouthEast());
    var unit = size.width / Math.max(1, b.x - a.x);
    scale(unit);
    svg.classList.toggle("far", setting("--size") / unit < 6);
    declutter(unit);
  }

  function apart(a, b) {
    return a.right < b.left || a.left > b.right || a.bottom < b.top || a.top > b.bottom;
  }

  /* What would lie on something earlier is not shown: wards' numbers, their names, then places.
     A ward's name is first tried a line higher, and lower where no number stands below it. */
  function declutter(unit) {
    var kept = [], named = svg.classList.contains("named");
    [".named #numbers text", "#names text", "#places text"].forEach(function (kind) {
      svg.parentNode.querySelectorAll(kind).forEach(function (name) {
        var lines = kind !== "#names text" ? [0] : named ? [0, -14] : [0, -14, 14];
        var a, free = false;
        name.classList.remove("hide");
        for (var n = 0; n < lines.length && !free; n += 1) {
          name.setAttribute("transform", "translate(0," + lines[n] * unit + ")");
          a = name.getBoundingClientRect();
          free = kept.every(apart.bind(null, a));
        }
        if (free || kind.indexOf("numbers") > 0) { kept.push(a); } else { name.classList.add("hide"); }
      });
    });
  }
  window.addEventListener("beforeprint", function () { scale(setting("--paper")); });
  window.addEventListener("afterprint", resize);
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
    tip.textContent = text(cells[0]) + "\n" + heads[1] + ": " + text(cells[1]);
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
    Array.from(rows[index].cells).forEach(function (cell, n) {
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
