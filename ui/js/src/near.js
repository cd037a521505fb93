// Which cells are near the screen, and which is the first on it.

/// `tell(what, id)`: `near` once for each cell that comes within a screen and a half, `top` for the first on the screen.
export class Watch {
  constructor(root, tell) {
    this.root = root;
    this.near = new IntersectionObserver((entries) => {
      for (const entry of entries) {
        if (!entry.isIntersecting) continue;
        this.near.unobserve(entry.target);
        tell("near", entry.target.dataset.cell);
      }
    }, { root, rootMargin: "1200px 0px" });
    let waiting = false;
    let last = "";
    this.scrolled = () => {
      if (waiting) return;
      waiting = true;
      requestAnimationFrame(() => {
        waiting = false;
        const box = root.getBoundingClientRect();
        const found = document.elementFromPoint(box.left + Math.min(200, box.width / 2), box.top + 24)?.closest("[data-cell]");
        const id = found && root.contains(found) ? found.dataset.cell : "";
        if (id && id !== last) tell("top", (last = id));
      });
    };
    root.addEventListener("scroll", this.scrolled, { passive: true });
  }
  add(element) { this.near.observe(element); }
  stop() {
    this.near.disconnect();
    this.root.removeEventListener("scroll", this.scrolled);
  }
}
