import type { Upload } from "../model/questions";
import { element } from "./elements";

/** A button for a file, and the same for one that is dropped on `place`. */
export function fileInput(place: HTMLElement, label: string, suffixes: string[], limit: number, take: (file: Upload) => void, refuse: (text: string) => void): HTMLElement {
  const input = element("input", { type: "file", accept: suffixes.join(","), "aria-label": label });
  const read = async (file: File | undefined) => {
    if (!file) return;
    if (!suffixes.some((suffix) => file.name.toLowerCase().endsWith(suffix))) refuse(`${file.name}: a file must end in ${suffixes.join(" or ")}`);
    else if (file.size > limit) refuse(`${file.name} has ${(file.size / 1e6).toFixed(1)} MB: at most ${limit / 1e6} are read`);
    else take({ name: file.name, bytes: await file.arrayBuffer() });
  };
  input.addEventListener("change", () => {
    void read(input.files?.[0]);
    input.value = "";
  });
  place.addEventListener("dragover", (event) => event.preventDefault());
  place.addEventListener("drop", (event) => {
    event.preventDefault();
    void read(event.dataTransfer?.files[0]);
  });
  return element("label", { class: "control file" }, element("span", { class: "label" }, label), input);
}
