// Pictures of the main pages, in three languages, as a phone and as a desk show them: into shots/.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Demo } from "./demo.mjs";
import { draw } from "./head.mjs";
import { person } from "./person.mjs";
import { DESKTOP, PHONE, Reader, browser } from "./reader.mjs";
import { LANGS, employee } from "./stage.mjs";
import * as walk from "./walk.mjs";

const folder = fileURLToPath(new URL("../shots", import.meta.url));
mkdirSync(folder, { recursive: true });

const demo = new Demo();
await demo.start();
const chrome = await browser(demo.dir);
const heads = draw(demo.dir);
try {
  for (const lang of LANGS) await shoot(lang);
} finally {
  await chrome.close();
  await demo.stop();
  demo.remove();
}

async function shoot(lang) {
  const quiet = { heads, unchecked: true, colorScheme: "light", reducedMotion: "reduce" };
  const client = await Reader.open(chrome, demo, person(lang), quiet);
  const mark = (name) => take(client, name);
  await walk.choose(client, mark);
  await walk.register(client, mark, true);
  await walk.apply(client, mark);
  await walk.repay(client, await walk.sign(client, mark), mark);
  await client.visit("/organization");
  await mark("organization");
  await client.context.close();

  const officer = await employee({ chrome, demo }, lang, quiet);
  await take(officer, "staff");
  await officer.context.close();
}

async function take(reader, name) {
  const { page, lang } = reader;
  await page.mouse.move(0, 0);
  await reader.run("document.activeElement.blur()");
  for (const [device, size] of Object.entries({ phone: PHONE, desktop: DESKTOP })) {
    await page.setViewportSize(size);
    await page.screenshot({ path: join(folder, `${name}-${lang}-${device}.png`), fullPage: true });
  }
  await page.setViewportSize(PHONE);
}
