// Where the tests of a file are played: a demonstration and a browser of their own, before them and until after them.
import { after, before } from "node:test";
import { Demo } from "./demo.mjs";
import { DESKTOP, Reader, browser } from "./reader.mjs";
import { person } from "./person.mjs";
import { SUBMIT } from "./walk.mjs";

export const LANGS = ["kk", "ru", "en"];

/** Made before the first test; `prepare` is done once it is there, and may add `heads` for the camera. */
export function stage(prepare = async () => {}) {
  const set = { demo: new Demo() };
  before(async () => {
    await set.demo.start();
    set.chrome = await browser(set.demo.dir);
    await prepare(set);
  });
  after(async () => {
    await set.chrome?.close();
    await set.demo.stop();
    set.demo.remove();
  });
  return set;
}

/** Tells a story of a person at a browser of their own, and closes it whatever comes. */
export async function play({ chrome, demo, heads }, who, options, story) {
  const reader = await Reader.open(chrome, demo, who, { heads, ...options });
  try {
    await story(reader);
  } finally {
    await reader.context.close();
  }
}

/** An employee at work. */
export async function employee({ chrome, demo }, lang = "kk", options = {}) {
  const officer = await Reader.open(chrome, demo, person(lang), { viewport: DESKTOP, ...options });
  await officer.visit("/staff");
  await officer.type({ login: "officer", password: demo.officerPassword });
  await officer.press(SUBMIT);
  return officer;
}
