/** Calls back when "predict first" hides what was measured, or shows it again; a canvas has no parts that CSS could hide. */
export function onHidden(root: HTMLElement, changed: () => void): () => void {
  let before = isHidden(root);
  const observer = new MutationObserver(() => {
    if (isHidden(root) === before) return;
    before = isHidden(root);
    changed();
  });
  observer.observe(root, { attributes: true, attributeFilter: ["class"] });
  return () => observer.disconnect();
}

export function isHidden(root: HTMLElement): boolean {
  return root.classList.contains("hidden-measurement");
}
