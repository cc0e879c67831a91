// Digital signatures, for real: NCALayer in the browser and eGov Mobile on the phone, both of the simulated world, with
// keys that the demonstration's authority certified.
import assert from "node:assert/strict";
import { createServer } from "node:net";
import { test } from "node:test";
import { Demo } from "./demo.mjs";
import { person } from "./person.mjs";
import { askNcalayer, scan, showFace, signByNcalayer, tell } from "./proofs.mjs";
import { DESKTOP, Reader, browser, wording } from "./reader.mjs";
import { LANGS, play, stage } from "./stage.mjs";
import * as walk from "./walk.mjs";

const set = stage();

function told(name, who, options, story) {
  test(name, { timeout: 120_000 }, async () => {
    try {
      await play(set, who, options, story);
    } finally {
      await world("PUT", "modes/ncalayer", { mode: "ok" });
      await world("PUT", "modes/egov-mobile", { mode: "ok" });
      await world("PUT", "signer", {});
    }
  });
}

const world = (method, path, body) => tell(set.demo, method, path, body);

async function beginRegistration(reader) {
  await reader.visit("/register");
  await walk.fillRegistration(reader);
  await reader.press(walk.SUBMIT);
}

const button = (reader, storage) => reader.page.locator(`[data-ncalayer] button[data-storage='${storage}']`);
const says = (reader, what) => reader.page.locator(`[data-say=${what}]:not([hidden])`).waitFor();

async function signByPhone(reader) {
  await reader.press("main a[href$='way=egov']");
  await reader.press("main form[action$='/egov/ask'] button");
  assert.equal(await scan(reader), 204);
  await reader.until("main .steps .done");
}

// Proves CL_35_1 and CL_6_D: no code by SMS is needed where a signature and a face are given.
for (const lang of LANGS) {
  told(`a reader (${lang}) registers by NCALayer and face and signs by eGov Mobile and face`, person(lang), {}, async (reader) => {
    await walk.choose(reader);
    await reader.press("main a[href='/register']");
    await walk.fillRegistration(reader);
    await reader.press(walk.SUBMIT);
    await askNcalayer(reader);
    await signByNcalayer(reader);
    await showFace(reader);
    await walk.apply(reader);
    await reader.press("#progress a[href$='/sign']");
    for (const what of ["lending_rules", "full_cost", "rights_and_duties"]) await reader.page.locator(`#${what}`).check();
    await reader.press(walk.SUBMIT);
    await signByPhone(reader);
    await showFace(reader);
    await reader.press("main form[action$='/confirm'] button");
    await reader.until("main a[href$='/early']");
  });
}

told("whoever has no script signs on the phone all the same", person("ru"), { javaScriptEnabled: false }, async (reader) => {
  await beginRegistration(reader);
  await signByPhone(reader);
  await showFace(reader);
  assert.equal(new URL(reader.page.url()).pathname, "/account");
});

told("a card in the reader signs, and none in it is said", person("en"), { viewport: DESKTOP }, async (reader) => {
  await beginRegistration(reader);
  await askNcalayer(reader);
  await button(reader, "").click();
  await says(reader, "empty");
  await world("PUT", "signer", { tokens: ["AKKZIDCardStore"] });
  await signByNcalayer(reader, "");
  assert.equal(await reader.page.locator("main .steps .done").count(), 2, "password and signature");
});

told("an old NCALayer signs by its old module", person("kk"), {}, async (reader) => {
  await world("PUT", "modes/ncalayer", { mode: "old-version" });
  await world("PUT", "signer", { iin: reader.person.iin });
  await beginRegistration(reader);
  await askNcalayer(reader);
  await signByNcalayer(reader);
  assert.equal(await reader.page.locator("main .steps .done").count(), 2);
});

for (const lang of LANGS) {
  told(`cancelled, failed and refused signatures are told apart (${lang})`, person(lang), {}, async (reader) => {
    const { page, person } = reader;
    await beginRegistration(reader);
    await askNcalayer(reader);
    for (const [mode, what] of [["cancel", "cancelled"], ["error-500", "failed"], ["garbled", "failed"]]) {
      await world("PUT", "modes/ncalayer", { mode });
      await button(reader, "PKCS12").click();
      await says(reader, what);
      await reader.look();
    }
    for (const [mode, code] of [["foreign-authority", "signature-foreign"], ["another-person", "signature-another-person"]]) {
      await world("PUT", "modes/ncalayer", { mode });
      await signByNcalayer(reader, "PKCS12", 422);
      assert.ok((await reader.text("#errors")).includes(wording(lang, "refusals", code)), code);
    }
    await reader.visit("/register/proofs");
    await reader.press("main a[href$='way=egov']");
    await reader.press("main form[action$='/egov/ask'] button");
    for (const [mode, code] of [
      ["cancel", "signature-cancelled"],
      ["garbled", "signature-unreadable"],
      ["foreign-authority", "signature-foreign"],
    ]) {
      await world("PUT", "modes/egov-mobile", { mode });
      assert.equal(await scan(reader, person.iin), 422);
      await page.locator("#phone-progress [role=alert]", { hasText: wording(lang, "refusals", code) }).waitFor();
    }
    await world("PUT", "modes/egov-mobile", { mode: "ok" });
    assert.equal(await scan(reader, "880101300123"), 422, "another person's phone");
    await reader.look();
  });
}

told("the agreement can be read in what NCALayer is given to sign", person("ru"), {}, async (reader) => {
  const { page } = reader;
  await walk.choose(reader);
  await walk.register(reader);
  await walk.apply(reader);
  await reader.press("#progress a[href$='/sign']");
  const number = (await reader.text("main h2")).match(/\S*\d\S*/)[0];
  for (const what of ["lending_rules", "full_cost", "rights_and_duties"]) await page.locator(`#${what}`).check();
  await reader.press(walk.SUBMIT);
  await askNcalayer(reader);
  const address = await page.locator("[data-ncalayer]").getAttribute("data-content");
  const copy = await (await reader.context.request.get(set.demo.url + address)).body();
  assert.ok((walk.pdfText(copy) ?? number).replace(/\s+/g, "").includes(number));
  await signByNcalayer(reader);
  await showFace(reader);
  await reader.press("main form[action$='/confirm'] button");
  await reader.until("main a[href$='/early']");
});

test("NCALayer that is not running and one that the browser blocks are told apart", { timeout: 120_000 }, async () => {
  const { chrome, demo } = set;
  const overrides = [`--ip-address-space-overrides=127.0.0.1:${demo.port}=public`];
  const strict = await browser(demo.dir, overrides);
  try {
    for (const [permissions, what] of [[[], "blocked"], [["local-network-access"], undefined]]) {
      const reader = await Reader.open(strict, demo, person("en"), { viewport: DESKTOP });
      if (permissions.length) await reader.context.grantPermissions(permissions);
      await reader.visit("/register");
      reader.unchecked = true; // the browser itself complains of the connection it blocks
      await walk.fillRegistration(reader);
      await reader.press(walk.SUBMIT);
      await askNcalayer(reader);
      if (what) {
        await button(reader, "PKCS12").click();
        await says(reader, what);
      } else {
        await signByNcalayer(reader);
      }
      await reader.context.close();
    }
  } finally {
    await strict.close();
  }

  // Something else has NCALayer's port, and hangs up on whoever calls: the demonstration leaves it alone.
  const other = createServer((socket) => socket.destroy());
  await new Promise((done) => other.listen(0, "127.0.0.1", done));
  const without = new Demo();
  without.ncalayerPort = other.address().port;
  try {
    await without.start();
    const reader = await Reader.open(chrome, without, person("en"), { unchecked: true });
    await beginRegistration(reader);
    await askNcalayer(reader);
    await button(reader, "PKCS12").click();
    await says(reader, "absent");
    await reader.context.close();
  } finally {
    await without.stop();
    without.remove();
    other.close();
  }
});