// Other terms for a credit: an employee proposes them, the client reads both sides and concludes by two methods, or declines.
import assert from "node:assert/strict";
import { test } from "node:test";
import { person } from "./person.mjs";
import { WAYS, showFace } from "./proofs.mjs";
import { wording } from "./reader.mjs";
import { LANGS, employee, play, stage } from "./stage.mjs";
import * as walk from "./walk.mjs";

let officer;
const set = stage(async (set) => (officer = await employee(set)));

const WAY = { kk: "sms", ru: "phone", en: "file" };

/** Proposes for the loan with this number. */
async function propose(number, terms, status = 200) {
  await officer.visit("/staff");
  await officer.press(`main tr:has-text("${number}") a[href^='/staff/loans/']`);
  await officer.press("main a[href$='/amendments']");
  await officer.type(terms);
  await officer.press("main form:has([name=rate]) button", status);
}

async function borrowed(reader) {
  await walk.choose(reader);
  await walk.register(reader);
  await walk.apply(reader);
  return walk.sign(reader);
}

/** What was read in one language is not accepted in another that a second tab has chosen meanwhile. */
async function inAnotherLanguage(reader, to) {
  const { page, lang: from } = reader;
  const other = await reader.tab();
  await other.visit("/account");
  other.lang = to;
  await other.press(`#languages a[lang=${to}]`);
  reader.lang = to;
  await page.locator("#changed_terms").check();
  await reader.press(walk.SUBMIT, 409);
  assert.ok((await reader.text("#errors")).includes(wording(to, "refusals", "amendment-changed")));
  reader.lang = from;
  await reader.press(`#languages a[lang=${from}]`);
}

for (const lang of LANGS) {
  // Proves CL_9_A, CL_8_3, CL_7_3: what changes is read on the page and in the paper, acknowledged, and concluded.
  test(`whoever is late is offered other terms, and concludes them (${lang})`, { timeout: 180_000 }, () =>
    play(set, person(lang), {}, async (reader) => {
      const { page } = reader;
      const number = await borrowed(reader);
      const loan = new URL(page.url()).pathname;
      const dates = () => page.locator("table tbody tr td:first-child time").evaluateAll((all) => all.map((time) => time.dateTime));
      const [first] = await dates();
      await walk.moveTo(reader, walk.after(first, 5));
      await reader.until("#loan .warning", { reload: true });

      await propose(number, { rate: "99", more_installments: "2", penalty_waived: "1 000 000" }, 422);
      assert.ok((await officer.text("#errors")).includes(wording("kk", "refusals", "amendment-rate-not-lower")));
      assert.equal(await officer.page.locator("[name=more_installments]").inputValue(), "2", "what was typed stays");
      await officer.type({ rate: "20" });
      await officer.press("main form:has([name=rate]) button");
      await reader.message("amendment-proposed");

      await reader.visit(loan);
      await reader.press("main a[href^='/amendments/']");
      const paper = walk.pdfText(await reader.download(page.locator("main a[href$='amendment.pdf']").first()));
      if (paper) assert.ok(paper.replace(/\s+/g, "").includes(number), "the paper says of which agreement");
      await reader.press(walk.SUBMIT, 422); // unread
      await inAnotherLanguage(reader, lang === "en" ? "ru" : "en");
      await page.locator("#changed_terms").check();
      await reader.press(walk.SUBMIT);
      await WAYS[WAY[lang]].go(reader);
      await showFace(reader);
      await reader.press("main form[action$='/confirm'] button");
      assert.equal((await reader.text("main [role=status]")).trim(), wording(lang, "client", "amendment-concluded"));
      await reader.message("amendment-concluded");
      await reader.until("main a[href$='/evidence-sheet.pdf']", { reload: true });
      await reader.download(page.locator("main a[href$='/evidence-sheet.pdf']").first());
      await reader.visit(loan);
      assert.equal((await dates()).length, 5, "two installments more");
      assert.equal((await reader.sums("#loan .facts")).at(-1) ?? 0, 0, "and no penalty");
    }),
  );
}

// Proves CL_9_A: nothing changes without the client.
test("whoever declines other terms keeps the old ones, without JavaScript too", { timeout: 180_000 }, () =>
  play(set, person("ru"), { javaScriptEnabled: false }, async (reader) => {
    const number = await borrowed(reader);
    const loan = new URL(reader.page.url()).pathname;
    await propose(number, { more_installments: "1" });
    await officer.press("main form[action$='/withdraw'] button");
    await reader.message("amendment-withdrawn");
    await propose(number, { more_installments: "6" });
    await reader.visit(loan);
    await reader.press("main a[href^='/amendments/']");
    await reader.press("main form[action$='/decline'] button");
    assert.equal(new URL(reader.page.url()).pathname, loan);
    assert.equal(await reader.page.locator("main table").first().locator("tbody tr").count(), 3);
    assert.equal(await reader.page.locator("main a[href^='/amendments/']").count(), 0);
  }),
);
