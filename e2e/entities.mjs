// What people do for a legal entity, step by step.
import { iban, iin } from "./person.mjs";
import { face } from "./reader.mjs";
import { SUBMIT, showFace } from "./walk.mjs";

const nobody = async () => {};
let serial = 10_000;

/** An invented entity with a BIN whose check digit is right. */
export function entity(name) {
  const number = ++serial;
  const account = iban("601", `9${String(number).padStart(12, "0")}`);
  return { name, bin: iin("070440", number), phone: `+7702${String(7_000_000 + number)}`, iban: account };
}

/** A PDF of one empty page. */
const PDF = {
  name: "order.pdf",
  mimeType: "application/pdf",
  buffer: Buffer.from(
    "%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n" +
      "3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>endobj\ntrailer<</Size 4/Root 1 0 R>>\nstartxref\n9\n%%EOF\n",
  ),
};

/** The form, with what was asked for; `scan` may be a path or a file. */
export async function fillEntity(reader, { name, bin, phone }, role, scan) {
  await reader.type({ name, bin, phone, number: "1-к", dated: "15.01.2026" });
  await reader.page.locator(`[name=role][value=${role}]`).check();
  await reader.page.locator("#scan").setInputFiles(scan);
}

/** Asks to act for an entity, and proves who one is by face, password and code. */
export async function askToAct(reader, entity, role, mark = nobody) {
  await beginToAct(reader, entity, role, mark);
  await mark("entity-proofs");
  await showFace(reader);
  await reader.press("main form[action$='/code/send'] button");
  await reader.type({ password: reader.person.password, code: await reader.code() });
  await reader.press(SUBMIT);
  await reader.press("main form[action$='/finish'] button");
  await mark("entity-waiting");
}

/** Asks to act for an entity: to where one proves who one is. */
export async function beginToAct(reader, entity, role, mark = nobody) {
  await reader.visit("/entities");
  await mark("entities");
  await reader.press("main a[href='/entities/register']");
  await fillEntity(reader, entity, role, role === "head" ? PDF : { name: "order.jpg", mimeType: "image/jpeg", buffer: face() });
  await mark("entity-register");
  await reader.press(SUBMIT);
}

/** The employee reads the document of the oldest request and accepts it. */
export async function accept(officer, mark = nobody) {
  await officer.visit("/staff/entities");
  await mark("staff-entities");
  await officer.press("main tbody a");
  await mark("staff-entity");
  await officer.press("main form[action$='/accept'] button");
}

/** Chooses for whom one acts. */
export async function actFor(reader, { bin }) {
  await reader.visit("/entities");
  await reader.press(`main section:has-text("${bin}") form[action='/entities/act'] button`);
}

/** Applies for what is offered to entities. */
export async function applyFor(reader, entity, mark = nobody) {
  await reader.visit("/apply");
  await reader.page.locator("[name=method][value=annuity]").check();
  await reader.page.locator("[name=purpose]").selectOption("goods");
  await reader.type({ amount: "1 000 000", term: "12", income: "4000000", iban: entity.iban });
  await reader.page.locator("#consent").check();
  await mark("entity-apply");
  await reader.press(SUBMIT);
  await reader.press(SUBMIT);
  await reader.until("#progress a[href$='/sign']");
}
