// People who have it harder: without scripts, with mistakes, with a token and a lost password, with two tabs.
import assert from "node:assert/strict";
import { test } from "node:test";
import { draw } from "./head.mjs";
import { person } from "./person.mjs";
import { wording } from "./reader.mjs";
import { LANGS, play, stage } from "./stage.mjs";
import * as walk from "./walk.mjs";

const set = stage(async (set) => (set.heads = draw(set.demo.dir)));

function told(name, who, options, story) {
  test(name, { timeout: 240_000 }, () => play(set, who, options, story));
}

told("nobody needs JavaScript to get a credit and to pay it off", person("ru"), { javaScriptEnabled: false }, walk.wholeCredit);

for (const lang of LANGS) {
  told(`whoever makes mistakes is told so in their language (${lang}), and types nothing twice`, person(lang), {}, mistakes);
}

async function mistakes(reader) {
  const { page, person, lang } = reader;
  const refused = async (field, key) => {
    const error = page.locator(`#${field}-error`);
    assert.ok((await error.innerText()).includes(wording(lang, "refusals", key)), `${key}: ${await error.innerText()}`);
    assert.equal(await page.locator(`#errors a[href='#${field}']`).count(), 1, "the summary leads to the field");
    assert.equal(await page.locator(":focus").getAttribute("id"), "errors", "and takes the focus");
  };
  await reader.visit("/register");
  await walk.fillRegistration(reader, { iin: person.iin.replace(/.$/, (last) => (Number(last) + 1) % 10) });
  await reader.press(walk.SUBMIT, 422);
  await refused("iin", "iin-invalid");
  assert.equal(await page.locator("#surname").inputValue(), person.surname);
  assert.equal(await page.locator("#phone").inputValue(), person.phone);
  assert.ok(await page.locator("#personal_data").isChecked());
  assert.equal(await page.locator("#password").inputValue(), "", "but a password is not sent back");

  await reader.type({ iin: person.iin, document_valid_until: "31.01.2020", password: person.password });
  await reader.press(walk.SUBMIT, 422);
  await refused("document_valid_until", "document-expired");
  await reader.type({ document_valid_until: person.document_valid_until, password: person.password });
  await reader.press(walk.SUBMIT);

  const right = await reader.code();
  await reader.type({ code: right === "111111" ? "222222" : "111111" });
  await reader.press(walk.SUBMIT, 422);
  await refused("code", "code-wrong");
  await reader.type({ code: right });
  await reader.press(walk.SUBMIT);

  const text = { name: "photo.png", mimeType: "image/png", buffer: Buffer.from("not a photo") };
  await page.locator("#photo").setInputFiles(text);
  await reader.press(walk.SUBMIT, 422);
  await refused("photo", "photo-unreadable");
}

// Proves CL_35_2 as far as the handbook claims it.
told("a face that does not turn when asked is not taken for a living one", person("ru"), { obeys: false }, async (reader) => {
  const { page } = reader;
  await reader.visit("/register");
  await walk.fillRegistration(reader);
  await reader.press(walk.SUBMIT);
  await reader.type({ code: await reader.code() });
  await reader.press(walk.SUBMIT);
  await page.locator("[data-camera] button").first().click();
  await page.locator("[data-camera][data-hint=over]").waitFor({ timeout: 40_000 });
  const said = await page.locator("[data-camera] [role=status]").innerText();
  assert.equal(said, wording("ru", "refusals", "face-late"));
  assert.equal(new URL(page.url()).pathname, "/register/proofs");
  await reader.look();
});

for (const scripts of [true, false]) {
  const how = scripts ? "on a phone" : "without JavaScript";
  // Proves CL_6_F, CL_25_9, CL_35_3: token, account, number and password.
  told(`a client adds a token, changes account and number and recovers a password ${how}`, person("ru"), { javaScriptEnabled: scripts }, async (reader) => {
    await walk.choose(reader);
    await walk.register(reader);
    const used = await walk.secure(reader, person("ru"));
    await reader.press("form[action='/sign-out'] button");
    await walk.recover(reader, "тоғыз торғай тоқсан тал");
    await reader.visit("/account/sessions");
    assert.equal(await reader.page.locator("section.card h3").count(), 1, "one device, known again");
    await reader.press("form[action='/sign-out'] button");
    await reader.visit("/sign-in");
    await reader.press("main a[href='/sign-in/token']");
    await reader.type({ name: reader.person.iin, token: used });
    await reader.press(walk.SUBMIT, 401); // each code once
  });
}

told("two clicks, two tabs or a step back do not make two applications", person("en"), {}, async (reader) => {
  const { page } = reader;
  await reader.visit("/sign-in");
  await walk.register(reader);
  const other = await reader.tab();
  for (const tab of [reader, other]) {
    await tab.visit("/apply?amount=60000&term=3");
    await walk.fillApplication(tab);
    await tab.press(walk.SUBMIT);
  }
  await reader.press(walk.SUBMIT, 200, { times: 2 });
  await reader.until("#progress a[href$='/sign']");
  await other.press(walk.SUBMIT, 409);
  assert.ok((await other.text("#errors")).includes(wording("en", "refusals", "application-under-way")));
  assert.equal(await other.page.locator("#income").inputValue(), "450000", "what was typed stays");
  await page.goBack().catch(() => page.waitForURL("chrome-error:**")); // the browser asks: send the form again?
  await page.reload();
  await reader.press(walk.SUBMIT, 409);
  await reader.visit("/account");
  assert.equal(await page.locator("main a[href^='/applications/']").count(), 1);
});
