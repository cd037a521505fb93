// The inside of an output's frame. The frame has no origin of its own, so all it can do is draw what it is sent
// and say how tall that came out.
let last = 0;
function tell() {
  const height = Math.ceil(document.body.getBoundingClientRect().height);
  if (height !== last) parent.postMessage({ atelier: "height", height: (last = height) }, "*");
}
addEventListener("message", (event) => {
  if (event.source !== parent || !event.data || typeof event.data.html !== "string") return;
  const { html, theme } = event.data;
  if (theme) document.documentElement.dataset.theme = theme;
  else delete document.documentElement.dataset.theme;
  document.body.innerHTML = html;
  // Scripts put in by innerHTML do not run; written anew they do, as far as the policy of this page lets them.
  for (const old of document.body.querySelectorAll("script")) {
    const fresh = document.createElement("script");
    for (const { name, value } of old.attributes) fresh.setAttribute(name, value);
    fresh.textContent = old.textContent;
    old.replaceWith(fresh);
  }
  tell();
});
new ResizeObserver(tell).observe(document.body);
parent.postMessage({ atelier: "ready" }, "*");
