// A whole credit in a real browser, in each language. The tests are told in order: those who got a credit in the first ones
// are clients in the later ones. Each life takes a good two months of the demonstration's calendar.
import assert from "node:assert/strict";
import { test } from "node:test";
import { draw } from "./head.mjs";
import { person } from "./person.mjs";
import { DESKTOP, Reader, wording } from "./reader.mjs";
import { LANGS, employee, play, stage } from "./stage.mjs";
import * as walk from "./walk.mjs";

const FIRST_PAGE_BYTES_MAX = 110_000;
const people = { kk: person("kk"), ru: person("ru"), en: person("en") };
const set = stage(async (set) => (set.heads = draw(set.demo.dir)));

function told(name, who, options, story) {
  test(name, { timeout: 240_000 }, () => play(set, who, options, story));
}

// Proves CL_7_6, CL_24_2: the money is brought by what the page tells, and nothing is kept in the browser's storage.
told("a reader of Kazakh gets a credit by phone and camera, falls behind and pays it off", people.kk, {}, (reader) =>
  walk.wholeCredit(reader, { camera: true }),
);

told("a reader of Russian does so at night, with a photo from a file", people.ru, { colorScheme: "dark" }, walk.wholeCredit);

told("a reader of English does so at a desk", people.en, { viewport: DESKTOP }, walk.wholeCredit);

told("whoever is signed out elsewhere signs in again and goes on where they were", people.kk, {}, async (reader) => {
  await reader.visit("/sign-in");
  await walk.signIn(reader, 401, "another password");
  assert.ok((await reader.text("#errors")).includes(wording("kk", "refusals", "wrong-credentials")));
  await walk.signIn(reader);
  const elsewhere = await Reader.open(set.chrome, set.demo, people.kk, { viewport: DESKTOP });
  await elsewhere.visit("/sign-in");
  await elsewhere.press("main a[href='/sign-in/code']");
  await elsewhere.type({ phone: people.kk.phone });
  await elsewhere.press(walk.SUBMIT);
  await elsewhere.type({ code: await elsewhere.code() });
  await elsewhere.press(walk.SUBMIT);
  await elsewhere.press("a[href='/account/sessions']");
  await elsewhere.press("form[action$='/end-others'] button");
  await reader.press("a[href='/account/sessions']");
  assert.equal(new URL(reader.page.url()).pathname, "/sign-in");
  await walk.signIn(reader);
  assert.equal(new URL(reader.page.url()).pathname, "/account/sessions");
  await reader.press("form[action='/sign-out'] button");
  assert.equal((await reader.context.cookies()).some(({ name }) => name.includes("session")), false);
  await elsewhere.context.close();
});

for (const lang of LANGS) {
  // Proves CL_7_2, CL_24_1, CL_24_3, CL_24_4.
  told(`anybody can read whose pages they are (${lang})`, person(lang), { viewport: DESKTOP }, async (reader) => {
    await reader.visit("/organization");
    const about = await reader.text("body");
    for (const fact of ["190440019884", "+7 727 350 00 00", "+7 727 350 00 01", "Ахметова Сәуле Маратқызы", "localhost:"]) {
      assert.ok(about.includes(fact), fact);
    }
    await reader.visit("/sign-in");
    assert.ok((await reader.text("main")).includes(wording(lang, "client", "hygiene-title")));
    assert.equal(await reader.page.locator("[name=password]").getAttribute("type"), "password");
    for (const path of ["/organization", "/rules", "/rights", "/sign-in", "/sign-in/code"]) await reader.visit(path);
    await reader.visit("/no-such-page", 404);
    for (const to of LANGS.filter((other) => other !== lang)) {
      reader.lang = to;
      await reader.press(`#languages a[lang=${to}]`, 404);
    }
    await reader.visit(`${set.demo.world}/people`);
  });
}

test("an employee sees who applied and who owes", async () => {
  const officer = await employee(set);
  const text = await officer.text("main");
  for (const { surname } of Object.values(people)) assert.ok(text.includes(surname), surname);
  await officer.context.close();
});

test("the first page does not cost the reader more than it must", async () => {
  const { chrome, demo } = set;
  const context = await chrome.newContext({ ignoreHTTPSErrors: true, locale: "kk-KZ" });
  const page = await context.newPage();
  const cdp = await context.newCDPSession(page);
  let bytes = 0;
  cdp.on("Network.loadingFinished", ({ encodedDataLength }) => (bytes += encodedDataLength));
  await cdp.send("Network.enable");
  await page.goto(demo.url, { waitUntil: "networkidle" });
  assert.ok(bytes > 20_000 && bytes < FIRST_PAGE_BYTES_MAX, `${bytes} bytes`);
  await context.close();
});

test("stopping it leaves nothing behind, and starting it again finds everybody", { timeout: 60_000 }, async () => {
  const { chrome, demo } = set;
  assert.equal(await demo.stop(), 0);
  assert.deepEqual(demo.leftovers(), []);
  for (const { iin, phone, password, surname, iban, codes } of Object.values(people)) {
    const secrets = [iin, phone.slice(2), password, surname, iban, ...codes];
    const telling = demo.lines().filter((line) => secrets.some((secret) => line.includes(secret)));
    assert.deepEqual(telling, [], "the log holds personal data or a secret");
  }
  assert.deepEqual(demo.lines().filter((line) => /ERROR|panicked/.test(line)), []);
  await demo.start();
  const reader = await Reader.open(chrome, demo, people.ru);
  await reader.visit("/sign-in");
  await walk.signIn(reader);
  assert.equal(await reader.page.locator("main a[href^='/loans/']").count(), 1);
});
