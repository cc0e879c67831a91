import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Demo } from "./demo.mjs";
import { person } from "./person.mjs";
import { DESKTOP, Reader, browser } from "./reader.mjs";
import * as walk from "./walk.mjs";

const demo = new Demo();
let chrome;

before(async () => {
  await demo.start();
  chrome = await browser(demo.dir);
});

after(async () => {
  await chrome?.close();
  await demo.stop();
  demo.remove();
});

const bounded = { timeout: 120_000 };

async function wholeLife(reader, { camera } = {}) {
  await walk.choose(reader);
  await walk.register(reader, undefined, camera);
  await walk.apply(reader);
  const number = await walk.sign(reader, undefined, camera);
  await walk.repay(reader, number);
}

for (const [lang, how] of Object.entries({
  kk: { camera: true },
  ru: { colorScheme: "dark" },
  en: { viewport: DESKTOP },
})) {
  test(`whoever reads ${lang} gets a credit, falls behind, catches up and pays it off`, bounded, async () => {
    const { camera, ...options } = how;
    const reader = await Reader.open(chrome, demo, person(lang), options);
    await wholeLife(reader, { camera });
    await reader.context.close();
  });
}
