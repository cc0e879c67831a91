// A legal entity registers by its head, borrows, and ends the power of one of its people, in a real browser.
import assert from "node:assert/strict";
import { test } from "node:test";
import { accept, actFor, applyFor, askToAct, entity, fillEntity } from "./entities.mjs";
import { person } from "./person.mjs";
import { Reader, wording } from "./reader.mjs";
import { LANGS, employee, stage } from "./stage.mjs";
import * as walk from "./walk.mjs";

let officer;
const set = stage(async (set) => (officer = await employee(set)));

async function registered(who, options) {
  const reader = await Reader.open(set.chrome, set.demo, who, options);
  await reader.visit("/sign-in");
  await walk.register(reader);
  return reader;
}

// Proves CL_6_B, CL_6_D, CL_7_1, CL_9_A.
test("an entity borrows by its head, and somebody whose power ended signs nothing for it", { timeout: 240_000 }, async () => {
  const bereke = entity("ТОО «Береке»");
  const head = await registered(person("ru"));
  await askToAct(head, bereke, "head");
  assert.ok((await head.text("main")).includes(wording("ru", "client", "entity-state-confirmed")));
  await head.message("entity-received");
  await accept(officer);
  await head.message("entity-person-added");
  await actFor(head, bereke);
  assert.ok((await head.text("main .told")).includes(bereke.name), "every page says for whom one acts");
  await applyFor(head, bereke);
  const agreement = walk.pdfText(await head.download(await offer(head)));
  const number = await walk.sign(head);
  if (agreement) {
    const said = agreement.replace(/\s+/g, "");
    for (const word of [bereke.name, bereke.bin, "наоснованииприказа", head.person.surname, head.person.iin]) {
      assert.ok(said.includes(word.replace(/\s+/g, "")), `the agreement lacks ${word}`);
    }
  }
  await head.visit("/account");
  assert.ok((await head.text("main")).includes(number));

  const signer = await registered(person("en"), { javaScriptEnabled: false });
  await askToAct(signer, bereke, "signer");
  await accept(officer);
  await actFor(signer, bereke);
  assert.ok((await signer.text("main")).includes(number), "the entity's loan is the entity's");
  await applyFor(signer, bereke);
  const sign = `${new URL(signer.page.url()).pathname}/sign`;
  await signer.visit(sign);

  await head.visit("/entities/people");
  await head.press(`main section:has-text("${signer.person.surname}") form button`);
  await signer.message("entity-person-ended");
  await signer.visit(sign, 404);
  await signer.visit("/account");
  assert.ok(!(await signer.text("main")).includes(bereke.name), "they act for themselves again");
  await signer.visit("/entities");
  assert.ok((await signer.text("main")).includes(wording("en", "client", "power-revoked")));

  // The head sees both, and goes back to being themselves.
  await head.press("main a[href='/entities']");
  await head.press("main form[action='/entities/act'] button");
  assert.ok(!(await head.text("main")).includes(number));
});

/** The agreement on the table, from the page of an approved application. */
async function offer(reader) {
  const { pathname } = new URL(reader.page.url());
  return { getAttribute: async () => `${pathname}/agreement.pdf` };
}

for (const lang of LANGS) {
  // Proves CL_6_B, CL_33.
  test(`whoever sends a wrong or harmful document is told so in their language (${lang})`, { timeout: 120_000 }, async () => {
    const reader = await registered(person(lang));
    const { page } = reader;
    const refused = async (field, key) => {
      const error = await page.locator(`#${field}-error`).innerText();
      assert.ok(error.includes(wording(lang, "refusals", key)), `${key}: ${error}`);
    };
    const file = (name, text) => ({ name, mimeType: "application/pdf", buffer: Buffer.from(text) });
    const pdf = (inside) => file("order.pdf", `%PDF-1.4\n${inside}\nstartxref\n9\n%%EOF\n`);
    const company = entity("ЖШС «Үлгі»");
    await reader.visit("/entities/register");
    const send = async (scan, different, field, key, status = 422) => {
      await fillEntity(reader, { ...company, ...different }, "signer", scan);
      await reader.press(walk.SUBMIT, status);
      await refused(field, key);
    };
    await send(pdf(""), { bin: "070440003903" }, "bin", "bin-invalid");
    await send(file("order.exe", "MZ"), {}, "scan", "file-kind");
    await send(pdf("1 0 obj<</S/J#61vaScript/JS(1)>>endobj"), {}, "scan", "file-active");
    await send(pdf("EICAR-STANDARD-ANTIVIRUS-TEST-FILE!"), {}, "scan", "file-infected");
    assert.equal(await page.locator("#name").inputValue(), company.name, "what was typed stays");
    await reader.context.close();
  });
}
