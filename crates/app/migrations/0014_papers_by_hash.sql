-- Whose certificate signs a paper is asked by the paper's hash.
create index offer_pdf on offer (tenant_id, pdf_sha256);
create index amendment_paper_pdf on amendment_paper (tenant_id, pdf_sha256);
