#include "yiwang/certificate/certificate.hpp"

#include <gtest/gtest.h>

#include "yiwang/certificate/signed_pdf.hpp"

namespace yiwang::certificate {
namespace {

Type const kType{
    "licence",
    "许可证",
    "11440300MB00YW011J001",
    "market",
    5,
    {{"name", "名称", "@name", true}, {"place", "场所", "place", false}, {"sum", "金额", "@result.instant.sum", false}}};

Draft draft(std::string serial) {
  Draft d;
  d.type = &kType;
  d.issuer_code = "11440300MB00YW02XA";
  d.issuer_name = "云海新区市场监督管理分局";
  d.serial = std::move(serial);
  d.number = "演示 2026 第 1 号";
  d.holder_name = "㛃𠮷";
  d.holder_code = "X";
  d.issued = parse_date("2026-11-22").value();
  d.valid_until = last_day(d.issued, 5);
  d.form = json::Value::object({{"place", json::Value::string("葵滨大道 1 号")}});
  d.result = json::Value::object({{"instant", json::Value::object({{"sum", json::Value::number("220")}})}});
  return d;
}

// Source: reference.md §10.3: the worked example with check character Y.
TEST(Certificate, IdentifierOfTheReference) {
  auto const made = make(draft("2026000000000001"));
  ASSERT_TRUE(made.has_value());
  EXPECT_EQ(made->identifier, "1.2.156.3005.2.11440300MB00YW011J001.11440300MB00YW02XA.2026000000000001.001.Y");
  json::Value const& items = *made->content.find("items");
  EXPECT_EQ(items.items()[0].find("value")->text(), "㛃𠮷");
  EXPECT_EQ(items.items()[2].find("value")->text(), "220");
  EXPECT_EQ(made->content.find("valid_until")->text(), "2031-11-21");
  EXPECT_FALSE(make(draft("小写")).has_value());
}

TEST(Certificate, LastDayOfLeapYears) { EXPECT_EQ(to_string(last_day(parse_date("2024-02-29").value(), 1)), "2025-02-27"); }

// One signature for the batch; each certificate carries its path, and nothing can be changed.
TEST(Certificate, BatchProvesEachOfItsCertificates) {
  auto const key = evidence::SigningKey::generate().value();
  Date const today = parse_date("2026-11-22").value();
  Instant const at{1'700'000'000'000'000};
  for (std::size_t n : {1u, 2u, 3u, 7u, 64u}) {
    std::vector<std::string> texts;
    std::vector<Digest> leaves;
    for (std::size_t i = 0; i < n; ++i) {
      texts.push_back(make(draft("S" + std::to_string(i)))->canonical);
      leaves.push_back(leaf(texts.back()));
    }
    auto const batch = tree(leaves).value();
    std::string const signature = key.sign(batch_bytes(n, batch.root, at)).value();
    for (std::size_t i = 0; i < n; ++i) {
      json::Value good = bundle(texts[i], i, n, batch.path(i).value(), batch.root, at, key.key_id(), signature, key.public_pem());
      EXPECT_TRUE(check(good, "", today).value().empty()) << n << "/" << i;
      EXPECT_FALSE(check(good, "", parse_date("2040-01-01").value()).value().empty()) << "expired";
      std::string changed = texts[i];
      changed.replace(changed.find("葵滨"), 6, "望海");
      EXPECT_FALSE(check(bundle(changed, i, n, batch.path(i).value(), batch.root, at, key.key_id(), signature, key.public_pem()),
                         "", today)
                       .value()
                       .empty());
      EXPECT_FALSE(check(good, evidence::SigningKey::generate().value().public_pem(), today).value().empty()) << "another key";
    }
  }
}

TEST(Certificate, APdfIsSignedToItsLastByte) {
  auto const key = evidence::SigningKey::generate().value();
  std::string const made = "%PDF-1.4\nanything\n%%EOF";
  std::string const signed_pdf = sign_pdf(made, key).value();
  EXPECT_TRUE(signed_pdf.starts_with(made)) << "readers see the same document";
  EXPECT_LT(signed_pdf.size() - made.size(), 1000U) << "the end of the PDF stays within the last kilobyte";
  EXPECT_TRUE(check_pdf(signed_pdf, key.public_pem()).value());
  for (std::size_t at = 0; at < made.size(); ++at) {
    std::string changed = signed_pdf;
    changed[at] = static_cast<char>(changed[at] ^ 1);
    EXPECT_FALSE(check_pdf(changed, key.public_pem()).value()) << at;
  }
  EXPECT_FALSE(check_pdf(made, key.public_pem()).has_value()) << "without a signature";
  EXPECT_FALSE(check_pdf(signed_pdf + "x\n", key.public_pem()).value_or(false)) << "with something behind it";
  EXPECT_FALSE(check_pdf(signed_pdf, evidence::SigningKey::generate().value().public_pem()).has_value()) << "another key";
  EXPECT_FALSE(check_pdf(signed_pdf, "").has_value()) << "no key to compare with";
}

TEST(Certificate, StatesForbidWhatTheLawForbids) {
  EXPECT_EQ(after(State::valid, Operation::suspend), State::suspended);
  EXPECT_EQ(after(State::suspended, Operation::restore), State::valid);
  EXPECT_FALSE(after(State::valid, Operation::restore).has_value());
  EXPECT_EQ(after(State::valid, Operation::revoke), State::revoked);
  EXPECT_FALSE(after(State::revoked, Operation::cancel).has_value());
  EXPECT_FALSE(after(State::revoked, Operation::restore).has_value());
  EXPECT_EQ(after(State::expired, Operation::cancel), State::cancelled);
  EXPECT_EQ(state_code(State::suspended), "02");
}

}  // namespace
}  // namespace yiwang::certificate
