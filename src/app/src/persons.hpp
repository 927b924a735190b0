#pragma once
// What an installation knows about persons beside their cases: whose cases each official keeps out of (回避), and what is kept
// back of persons under protection. Both are held in memory, read again when something about them changes.

#include <map>
#include <memory>
#include <mutex>
#include <set>

#include "documents.hpp"
#include "matters.hpp"
#include "yiwang/store/persons.hpp"

namespace yiwang::app {

/// Somebody under protection, with the words that nobody but the unit that protects sees.
struct Protected {
  store::ProtectedPerson row;
  std::set<std::string, std::less<>> secrets;  ///< longer ones hide shorter ones
  std::set<std::string, std::less<>> cases;    ///< ids
};

/// Residents here whom a register names as 姓名/出生日期 or 姓名/证件号码; by the name alone when that is all it says.
Result<std::vector<SubjectId>> residents_of_register(store::Database& database, std::string const& words);

class Persons final : public store::System {
 public:
  Persons(Matters& matters, store::Definitions const& definitions) : matters_(matters), definitions_(definitions) {}
  /// Reads accounts, relatives and protected persons again. A register that does not answer leaves what was known. Errors:
  /// store.*.
  Status refresh(store::Database& database, Instant now);
  /// Once a day, because registers change; at once again while one of them does not answer.
  Status refresh_daily(store::Database& database, Instant now);

  /// Whose cases this official does not handle.
  void fill(spine::Actor& actor) const;
  /// Since when the register of companies names somebody else in the place of this former representative; none while it does not.
  /// Reads each pair once a day. Errors: store.*.
  Result<std::optional<std::string>> replaced(store::IdentityService& people, SubjectId enterprise, SubjectId agent, Instant now);
  /// None when the person is not under protection now.
  std::shared_ptr<Protected const> under_protection(SubjectId subject, Instant now) const;
  /// Everybody who is.
  std::vector<std::shared_ptr<Protected const>> all_protected(Instant now) const;

  // --- System
  bool concerns(spine::CaseType const&) const override { return true; }
  Result<std::vector<Error>> prepare(store::Session&, spine::CaseType const&, spine::CaseState const* before, spine::Actor const&,
                                     spine::Command& command, Instant now) override;
  Status project(store::Session&, spine::CaseType const&, spine::CaseState const& after, spine::Event const&) override;

 private:
  struct Known {
    std::map<IdBytes, std::vector<SubjectId>> ties;
    std::set<SubjectId> tied;  ///< somebody's
    std::map<SubjectId, std::shared_ptr<Protected const>> kept_back;
    std::map<std::pair<SubjectId, SubjectId>, std::optional<std::string>> replaced;
    std::int64_t day = 0;
  };
  std::shared_ptr<Known const> known() const;
  Result<std::vector<SubjectId>> ties_of(store::Database& database, store::StaffPerson const& one, Known const& before,
                                         Date today, bool& answered);
  Result<std::shared_ptr<Protected const>> kept_back(store::Database& database, store::ProtectedPerson person, Date today);
  Status watch(store::Session&, spine::CaseState const& after, Instant now);
  void remember(spine::CaseType const&, spine::CaseState const& after, spine::Event const&);

  Matters& matters_;
  store::Definitions const& definitions_;
  mutable std::mutex mutex_;
  std::shared_ptr<Known const> known_ = std::make_shared<Known const>();
};

/// What a form says of where its person lives and works, replaced.
void keep_back_fields(matter::PersonRules const& rules, spine::CaseType const& type, json::Value& form);
/// The words of a text that are kept back, replaced. False when there were none.
bool keep_back(std::string& text, Protected const& person, std::string_view shown);
/// The same everywhere in a value, and in a paper.
void keep_back(json::Value& value, Protected const& person, std::string_view shown);
void keep_back(PdfDocument& paper, Protected const& person, std::string_view shown);

}  // namespace yiwang::app
