// What people write, whatever it is: facts lie within the text and in order, a time ends after it begins, titles and keywords
// keep to their length and to the lists, and masking keeps every character's place.

#include <cstdlib>
#include <string>

#include "yiwang/base/utf8.hpp"
#include "yiwang/text/extract.hpp"

namespace {

using namespace yiwang;

text::Extractor const& extractor() {
  static text::Extractor const kReader = [] {
    text::Wording w;
    w.objects = {{"路灯", {"灯", "街灯"}}, {"垃圾桶", {}}, {"电梯", {}}, {"name", {"id"}}};
    w.troubles = {{"不亮", {"坏了"}}, {"没人收", {}}};
    w.roles = {{"房东", {}}};
    w.organisations = {{"公司", true}, {"店", false}};
    w.places = {"碧澜花园"};
    w.terms = {"清运"};
    w.days = {{{U"国庆"}, {{Date{20'727}, Date{20'733}}}}};
    return text::Extractor(w);
  }();
  return kReader;
}

void check(bool good) {
  if (!good) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(unsigned char const* data, std::size_t size) {
  std::string const bytes(reinterpret_cast<char const*>(data), size);
  std::string valid;
  for (std::size_t at = 0; at < bytes.size();) {
    std::size_t const from = at;
    char32_t c = 0;
    if (utf8::decode(bytes, at, c))
      valid.append(bytes, from, at - from);
    else
      ++at;
  }
  check(extractor().read(bytes, Instant{}).empty() || utf8::is_valid(bytes));
  std::size_t const length = utf8::length(valid);
  for (Instant said : {Instant{1'795'395'600'000'000}, Instant{0}, Instant{-1}}) {
    auto const facts = extractor().read(valid, said);
    check(facts.size() <= 200);
    std::uint32_t last = 0;
    for (text::Fact const& f : facts) {
      check(f.begin < f.end && f.end <= length && f.begin >= last);
      last = f.begin;
      check(utf8::is_valid(f.value) && !f.value.empty());
      if (f.when && f.when->from) check(f.when->until && *f.when->from < *f.when->until);
    }
    check(utf8::length(text::title_of(facts)) <= 24);
    check(text::keywords_of(facts, extractor().words_in(valid), {}).size() <= 5);
    check(utf8::length(text::without_persons(valid, facts)) == length);
  }
  return 0;
}
