// A scanner is a keyboard that types faster than a hand and ends with Enter; the camera is the other way to scan.

const FASTEST_HAND_MS = 60;
const LOOK_EVERY_MS = 150;
let typed = "";
let last = 0;

export function hear(found) {
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const field = event.target.closest("input, textarea, select");
    if (field && field.inputMode !== "none") return;
    if (event.timeStamp - last > FASTEST_HAND_MS) typed = "";
    last = event.timeStamp;
    if (event.key === "Enter") {
      if (typed.length < 3) return;
      event.preventDefault();
      const code = typed;
      typed = "";
      found(code);
    } else if (event.key.length === 1) typed += event.key;
  });
}

export const hasCamera = () => "BarcodeDetector" in globalThis && Boolean(navigator.mediaDevices?.getUserMedia);

// Shows the camera in `video` until a code is seen; returns the function that ends it.
export async function watch(video, found) {
  const detector = new globalThis.BarcodeDetector();
  const stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
  let timer = 0;
  const end = () => {
    clearTimeout(timer);
    for (const track of stream.getTracks()) track.stop();
  };
  const look = async () => {
    const [code] = video.readyState >= 2 ? await detector.detect(video).catch(() => []) : [];
    if (!code) { timer = setTimeout(look, LOOK_EVERY_MS); return; }
    end();
    found(code.rawValue);
  };
  video.srcObject = stream;
  await video.play();
  look();
  return end;
}
