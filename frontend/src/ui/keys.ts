/** Which keys are the page's own. */

/** Whether a key belongs to what has the focus, such as a field, or comes with a modifier: sliders and boxes take no letters. */
export function isTaken(event: KeyboardEvent): boolean {
  const target = event.target as HTMLElement;
  const writes = /^(INPUT|SELECT|TEXTAREA)$/.test(target.tagName) && !["range", "checkbox"].includes((target as HTMLInputElement).type);
  return writes || event.ctrlKey || event.metaKey || event.altKey;
}
