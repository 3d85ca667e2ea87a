/* Mends what Streamlit's own page leaves out for people who use a keyboard or a screen reader.
   Streamlit offers no setting for any of these; each line says what it mends. Runs once a visit and
   again whenever the page changes. It reads nothing and sends nothing. */
(() => {
  if (window.saferWalksMends) return;
  window.saferWalksMends = true;

  const set = (node, name, value) => {
    if (node.getAttribute(name) !== value) node.setAttribute(name, value);
  };
  const page = (address) => address.split(/[?#]/)[0].split("/").pop();

  const mends = [
    // The language: the words are British English.
    () => set(document.documentElement, "lang", "en-GB"),

    // The menu of pages is a plain block: make it a navigation landmark that says where we are.
    () => document.querySelectorAll(".st-key-pages").forEach((menu) => {
      set(menu, "role", "navigation");
      set(menu, "aria-label", "Pages");
      const links = [...menu.querySelectorAll("a[href]")];
      const names = links.map((link) => page(link.getAttribute("href")));
      const here = names.includes(page(location.pathname)) ? page(location.pathname) : "";
      links.forEach((link, i) => {
        if (names[i] === here) set(link, "aria-current", "page");
        else link.removeAttribute("aria-current");
        // The front page's link is empty, which in a new tab would open the page one is on.
        if (!names[i]) set(link, "href", "./" + link.search);
      });
    }),

    // The map's frame is called after its Python module: name it by the words beside it.
    () => document.querySelectorAll("[class*='st-key-map-']").forEach((block) => {
      const name = block.querySelector("[data-frame-title]");
      const frame = block.querySelector("iframe");
      if (name && frame) set(frame, "title", name.dataset.frameTitle);
    }),

    // Other frames hold nothing a person needs.
    () => document.querySelectorAll("iframe:not([title])").forEach((frame) =>
      set(frame, "title", "Part of the page")),

    // The upload box says it is presentation and has a name: it is a group.
    () => document.querySelectorAll("[data-testid='stFileUploaderDropzone']").forEach((box) =>
      set(box, "role", "group")),
  ];

  let waiting = false;
  const mend = () => { waiting = false; mends.forEach((one) => one()); };
  const soon = () => {
    if (!waiting) { waiting = true; requestAnimationFrame(mend); }
  };
  new MutationObserver(soon).observe(document.documentElement, {
    childList: true, subtree: true, attributes: true, attributeFilter: ["role", "title", "href"],
  });
  mend();
})();
