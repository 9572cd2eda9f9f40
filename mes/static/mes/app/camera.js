// The camera as a scanner: it looks as long as its sheet is open and hands on the first QR code or Code 128 that it sees.
import { config } from "./state.js";

const FORMATS = ["qr_code", "code_128"];
const LOOK_EVERY_MS = 120;
const SIZE = { width: { ideal: 1280 }, height: { ideal: 720 } };
// Of the browser's names for what went wrong, those that a person can do something about.
const TROUBLES = { NotAllowedError: "denied", SecurityError: "denied", NotFoundError: "none", OverconstrainedError: "none", NotReadableError: "busy", AbortError: "busy" };
let reading = null;
let looking = null;

// The browser's own detector where it reads both kinds, else the one that came with the app.
async function reader() {
  const own = globalThis.BarcodeDetector;
  const known = own ? await own.getSupportedFormats().catch(() => []) : [];
  if (FORMATS.every((one) => known.includes(one))) return new own({ formats: FORMATS });
  const { BarcodeDetector, prepareZXingModule } = await import(config.reader);
  prepareZXingModule({ overrides: { locateFile: () => config.readerWasm } });
  return new BarcodeDetector({ formats: FORMATS });
}

// A secure address is what makes a browser lend its camera.
export const trouble = () => (navigator.mediaDevices?.getUserMedia ? "" : "insecure");

function end(one) {
  clearTimeout(one.timer);
  one.isOver = true;
  for (const track of one.stream?.getTracks() ?? []) track.stop();
}

// Nothing looks any more, and the camera's light goes out.
export function close() {
  if (looking) end(looking);
  looking = null;
}

async function look(one, found) {
  const { video } = one;
  const [code] = video?.readyState >= 2 ? await one.detector.detect(video).catch(() => []) : [];
  if (one.isOver) return;
  if (!code) { one.timer = setTimeout(look, LOOK_EVERY_MS, one, found); return; }
  close();
  found(code.rawValue.trim());
}

// Resolves when the camera looks, or to why it cannot: denied, none, busy, insecure or broken.
export async function open(found) {
  close();
  if (trouble()) return trouble();
  const one = { video: null, stream: null, detector: null, timer: 0, isOver: false };
  looking = one;
  try {
    reading ??= reader();
    one.stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment", ...SIZE } });
    one.detector = await reading;
  } catch (error) {
    reading = null;
    end(one);
    return TROUBLES[error.name] ?? "broken";
  }
  if (one.isOver) { end(one); return ""; }
  await shownIn(one.video);
  look(one, found);
  return "";
}

// The page is drawn anew now and then: the picture goes on in the new place.
export async function shownIn(video) {
  if (!looking || !video) return;
  looking.video = video;
  if (!looking.stream || video.srcObject === looking.stream) return;
  video.srcObject = looking.stream;
  await video.play().catch(() => {});
}
