// A head before the camera that turns as the page asks. It is the very attack that the handbook says nothing of ours can
// stop: a picture computed to order, in the camera's place.
import { execFileSync } from "node:child_process";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { target } from "./demo.mjs";

/** Draws the pictures into a folder. */
export function draw(dir) {
  const folder = join(dir, "heads");
  execFileSync(join(target, "debug/heads"), [folder]);
  const picture = (name) => [name.replace(".jpg", ""), readFileSync(join(folder, name)).toString("base64")];
  return Object.fromEntries(readdirSync(folder).map(picture));
}

/** Run in the page before its own script; `obeys`: turns as asked. */
export function before([pictures, obeys]) {
  const TURNS = ["left", "right", "up", "closer"];
  const read = async ([name, text]) => {
    const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
    return [name, await createImageBitmap(new Blob([bytes], { type: "image/jpeg" }))];
  };
  if (!navigator.mediaDevices) return; // as on the pages that the browser shows of itself
  navigator.mediaDevices.getUserMedia = async () => {
    const bitmaps = Object.fromEntries(await Promise.all(Object.entries(pictures).map(read)));
    const canvas = Object.assign(document.createElement("canvas"), { width: 480, height: 640 });
    const context = canvas.getContext("2d");
    let [turn, step] = ["straight", 0];
    const draw = () => {
      const { hint } = document.querySelector("[data-camera]").dataset;
      const wanted = obeys && TURNS.includes(hint) ? hint : "straight";
      if (step > 0 && wanted !== turn) step -= 1;
      else if (wanted !== "straight") [turn, step] = [wanted, Math.min(4, step + 1)];
      if (step === 0) turn = "straight";
      context.drawImage(bitmaps[`${turn}-${step}`], 0, 0);
      for (let grain = 0; grain < 400; grain++) {
        context.fillStyle = `rgba(${Math.random() < 0.5 ? "255,255,255" : "0,0,0"},.12)`;
        context.fillRect(Math.random() * 480, Math.random() * 640, 2, 2);
      }
    };
    draw();
    setInterval(draw, 130);
    return canvas.captureStream(15);
  };
}
