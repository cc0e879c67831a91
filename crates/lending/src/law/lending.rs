//! Chapter 2, clauses 8–13: giving a microcredit, and what follows when it goes wrong.

super::clauses! {
    LENDING:
    /// Before lending the client is examined as the AML/CFT law and internal documents demand: lists,
    /// politically exposed persons, beneficial owners, risk.
    CL_8_1 = ("8.1", Software, "Due diligence");
    /// The client is shown the rules by which the organization lends.
    CL_8_2 = ("8.2", Software, "Lending rules shown");
    /// The client is shown every payment and transfer for getting, servicing and repaying the credit,
    /// wholly and truly, with the annual effective rate.
    CL_8_3 = ("8.3", Software, "Full cost shown");
    /// Draft schedules by differentiated payments, by annuity and by the organization's own methods stand
    /// side by side, and the client chooses.
    CL_8_4 = ("8.4", Software, "Draft schedules");
    /// The client is told the rights and duties a microcredit brings.
    CL_8_5 = ("8.5", Software, "Rights and duties");
    /// The client chooses between cash, an own account or card, and the account of a merchant under
    /// agreement.
    CL_8_6 = ("8.6", Software, "How to get the money");
    /// The client gives the IBAN or card details that the chosen way needs.
    CL_8_7 = ("8.7", Software, "Where to send the money");
    /// The credit report is checked for the client's voluntary refusal to take microcredits.
    CL_8_8 = ("8.8", Software, "Voluntary refusal is looked for");
    /// An agreement, and each amendment or addition, is concluded only with at least two different
    /// methods of clause 35.
    CL_9_A = ("9.a", Software, "Two methods to conclude");
    /// Money leaves by transfer to the client's account or card, as cash, or to the merchant's account.
    CL_9_B = ("9.b", Software, "How money leaves");
    /// Sending the money to a merchant takes at least two different methods of clause 35.
    CL_9_C = ("9.c", Software, "Two methods to pay a merchant");
    /// The cashier identifies the client by the identity document or the digital-documents service, and
    /// that is recorded.
    CL_9_D = ("9.d", Software, "Cash desk");
    /// Nothing is lent on AML/CFT grounds or while a voluntary refusal stands.
    CL_10 = ("10", Software, "When lending is refused");
    /// Changes to the electronic documents behind a credit are found out, credit secrecy is kept, and
    /// identification and authentication data work once only.
    CL_11 = ("11", Software, "Documents and data that cannot be misused");
    /// On request the client gets a confirmation that an electronic document was sent or received.
    CL_12 = ("12", Software, "Confirmation of sending and receipt");
    /// Client and authorized body are told of an incident within one working day, and its causes and
    /// consequences are dealt with within two.
    CL_13_A = ("13.a", Software, "Incidents");
    /// Within three working days of an investigator's submission or of the borrower being recognised as
    /// victim, accrual, collection and bureau reporting stop and the client is told in writing.
    CL_13_B = ("13.b", Software, "Suspension");
    /// When the ground is cancelled, interest of the suspended time may be accrued and collection
    /// resumes.
    CL_13_C = ("13.c", Software, "Resumption");
    /// Within fifteen working days of a verdict that the client never got the credit, the debt is written
    /// off, bureaus are corrected and everything collected is returned.
    CL_13_D = ("13.d", Software, "Write-off by verdict");
    /// The write-off leaves the right to claim from a client whom a court found at fault.
    CL_13_E = ("13.e", Software, "Claim kept");
}
