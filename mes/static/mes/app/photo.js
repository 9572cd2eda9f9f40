// A photo from the tablet's camera, made small on the tablet: the long side 1600, JPEG, under the 4 MB of the server.
import { uuid7 } from "./uuid7.js";

const LONG_SIDE = 1600;
const MOST_BYTES = 4 * 1024 * 1024;

export async function small(file) {
  const picture = await createImageBitmap(file);
  const scale = Math.min(1, LONG_SIDE / Math.max(picture.width, picture.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(picture.width * scale);
  canvas.height = Math.round(picture.height * scale);
  canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
  for (const quality of [0.82, 0.6, 0.4]) {
    const blob = await new Promise((resolve) => { canvas.toBlob(resolve, "image/jpeg", quality); });
    if (blob && blob.size <= MOST_BYTES) return { id: uuid7(), blob };
  }
  throw new Error("The photo cannot be made small enough. Take it again from farther away.");
}

// Opens the camera; null when nothing was taken.
export function taken() {
  const field = document.createElement("input");
  Object.assign(field, { type: "file", accept: "image/*", capture: "environment" });
  return new Promise((resolve, reject) => {
    field.addEventListener("cancel", () => resolve(null));
    field.addEventListener("change", () => (field.files[0] ? small(field.files[0]).then(resolve, reject) : resolve(null)));
    field.click();
  });
}
