#include "yiwang/text/moments.hpp"

#include <algorithm>
#include <array>

namespace yiwang::text {
namespace {

using View = std::u32string_view;

constexpr std::int64_t kMinuteUs = 60 * kMicrosPerSecond, kHourUs = 60 * kMinuteUs;

bool in(char32_t c, View set) { return set.find(c) != View::npos; }
bool is_digit(char32_t c) { return c >= U'0' && c <= U'9'; }
constexpr View kHanDigits = U"零一二三四五六七八九";

struct PartOfDay {
  View word;
  int from, until;  ///< hours; until may lie in the next day
};
/// Longer words before their beginnings.
constexpr std::array kParts{
    PartOfDay{U"三更半夜", 23, 29}, PartOfDay{U"半夜三更", 23, 29}, PartOfDay{U"大半夜", 22, 29}, PartOfDay{U"后半夜", 24, 29},
    PartOfDay{U"下半夜", 24, 29},   PartOfDay{U"一大早", 5, 9},     PartOfDay{U"大清早", 5, 8},   PartOfDay{U"大早上", 5, 9},
    PartOfDay{U"大晚上", 18, 24},   PartOfDay{U"早高峰", 7, 9},     PartOfDay{U"晚高峰", 17, 19}, PartOfDay{U"大白天", 8, 18},
    PartOfDay{U"凌晨", 0, 6},       PartOfDay{U"清晨", 5, 8},       PartOfDay{U"清早", 5, 8},     PartOfDay{U"早晨", 5, 9},
    PartOfDay{U"早上", 6, 9},       PartOfDay{U"朝早", 6, 9},       PartOfDay{U"上午", 8, 12},    PartOfDay{U"中午", 11, 13},
    PartOfDay{U"正午", 11, 13},     PartOfDay{U"午间", 11, 14},     PartOfDay{U"午休", 12, 14},   PartOfDay{U"下午", 12, 18},
    PartOfDay{U"午后", 12, 18},     PartOfDay{U"晏昼", 12, 18},     PartOfDay{U"傍晚", 17, 19},   PartOfDay{U"黄昏", 17, 19},
    PartOfDay{U"晚上", 18, 24},     PartOfDay{U"晚间", 18, 24},     PartOfDay{U"夜晚", 18, 24},   PartOfDay{U"夜里", 20, 29},
    PartOfDay{U"夜间", 20, 29},     PartOfDay{U"半夜", 22, 29},     PartOfDay{U"深夜", 22, 29},   PartOfDay{U"午夜", 23, 25},
    PartOfDay{U"白天", 8, 18},      PartOfDay{U"日头", 8, 18}};
/// After 今, 昨, 前, 明 one character is enough.
constexpr std::array kShortParts{PartOfDay{U"早", 6, 9}, PartOfDay{U"晨", 5, 9}, PartOfDay{U"朝", 6, 9}, PartOfDay{U"晚", 18, 24},
                                 PartOfDay{U"夜", 20, 29}};

enum class Unit : std::uint8_t { minute, hour, day, week, month, year };

std::int64_t length_of(Unit unit) {
  switch (unit) {
    case Unit::minute: return kMinuteUs;
    case Unit::hour: return kHourUs;
    case Unit::day: return kMicrosPerDay;
    case Unit::week: return 7 * kMicrosPerDay;
    case Unit::month: return 30 * kMicrosPerDay;
    case Unit::year: return 365 * kMicrosPerDay;
  }
  return kMicrosPerDay;
}

/// Days [from, until) that words name.
struct Days {
  Date from, until;
  Exactness exactness = Exactness::day;
};

/// A hand-written reader: each function reads from `at` and moves it, or leaves it and says no.
class Reader {
 public:
  Reader(View text, Instant said, std::vector<NamedDays> const& named)
      : s_(text), said_(said), today_(shanghai_date(said)), named_(named) {}

  /// The expression that begins at `at`, if one does.
  std::optional<Moment> read(std::size_t at) {
    begin_ = i_ = at;
    if (auto m = recurring()) return m;
    i_ = at;
    if (auto m = lasting()) return m;
    i_ = at;
    if (auto m = lately()) return m;
    i_ = at;
    if (auto d = days()) {
      auto m = within(*d);
      if (!m) return std::nullopt;
      return m;
    }
    i_ = at;
    return without_day();
  }

 private:
  char32_t peek(std::size_t ahead = 0) const { return i_ + ahead < s_.size() ? s_[i_ + ahead] : U'\0'; }
  char32_t before(std::size_t back = 1) const { return begin_ >= back ? s_[begin_ - back] : U'\0'; }
  bool eat(View word) {
    if (s_.substr(i_, word.size()) != word) return false;
    i_ += word.size();
    return true;
  }
  template <std::size_t N>
  bool eat_one(std::array<View, N> const& words) {
    return std::any_of(words.begin(), words.end(), [&](View w) { return eat(w); });
  }
  Moment moment(Exactness e, std::optional<Instant> from = {}, std::optional<Instant> until = {}) const {
    return {static_cast<std::uint32_t>(begin_), static_cast<std::uint32_t>(i_), e, from, until};
  }
  Moment moment(Days const& d) const { return moment(d.exactness, shanghai_midnight(d.from), shanghai_midnight(d.until)); }

  /// 0 to 9999 in digits or Chinese numerals, the formal ones too (plain() has made them ordinary).
  std::optional<int> number() {
    std::size_t const start = i_;
    int value = 0;
    if (is_digit(peek())) {
      while (is_digit(peek()) && i_ - start < 4) value = value * 10 + static_cast<int>(s_[i_++] - U'0');
      if (is_digit(peek())) return i_ = start, std::nullopt;
      return value;
    }
    int section = 0, digit = -1;
    bool any = false;
    for (; i_ - start < 8; ++i_) {
      char32_t const c = peek();
      std::size_t const d = kHanDigits.find(c);
      if (d != View::npos || c == U'〇') {
        int const value = d == View::npos ? 0 : static_cast<int>(d);
        digit = digit > 0 ? digit * 10 + value : value;
      } else if (c == U'两')
        digit = 2;
      else if (c == U'十' || c == U'百' || c == U'千') {
        int const unit = c == U'十' ? 10 : c == U'百' ? 100 : 1000;
        section += (digit <= 0 ? 1 : digit) * unit;
        digit = -1;
      } else if (c == U'廿' || c == U'卅')
        section += c == U'廿' ? 20 : 30, digit = -1;
      else
        break;
      any = true;
    }
    if (!any || section + std::max(0, digit) > 9999) return i_ = start, std::nullopt;
    return section + std::max(0, digit);
  }
  /// 几, 好几, 数, 十几 …: said without saying how many. The least and the most it may be.
  std::optional<std::pair<int, int>> amount() {
    std::size_t const start = i_;
    if (eat(U"好几十") || eat(U"几十")) return std::pair(20, 99);
    if (eat(U"好几") || eat(U"几") || eat(U"数") || eat(U"好多")) return std::pair(2, 9);
    if (eat(U"十几") || eat(U"十来")) return std::pair(11, 19);
    if (eat(U"两三")) return std::pair(2, 3);
    if (eat(U"三四")) return std::pair(3, 4);
    if (eat(U"四五")) return std::pair(4, 5);
    if (eat(U"五六")) return std::pair(5, 6);
    if (eat(U"七八")) return std::pair(7, 8);
    auto n = number();
    if (!n || *n == 0) return i_ = start, std::nullopt;
    if (eat(U"多") || eat(U"来")) return std::pair(*n, *n + std::max(1, *n / 5));
    return std::pair(*n, *n);
  }
  std::optional<Unit> unit() {
    static constexpr std::array<std::pair<View, Unit>, 22> kUnits{
        {{U"个多小时", Unit::hour}, {U"个小时", Unit::hour}, {U"小时", Unit::hour}, {U"个多钟头", Unit::hour},
         {U"个钟头", Unit::hour},   {U"个钟", Unit::hour},   {U"钟头", Unit::hour}, {U"分钟", Unit::minute},
         {U"个多星期", Unit::week}, {U"个星期", Unit::week}, {U"星期", Unit::week}, {U"个多礼拜", Unit::week},
         {U"个礼拜", Unit::week},   {U"礼拜", Unit::week},   {U"周", Unit::week},   {U"个多月", Unit::month},
         {U"个半月", Unit::month},  {U"个月", Unit::month},  {U"天", Unit::day},    {U"日", Unit::day},
         {U"晚", Unit::day},        {U"年", Unit::year}}};
    for (auto const& [word, u] : kUnits) {
      if (eat(word)) return u;
    }
    return std::nullopt;
  }

  // --- what recurs

  std::optional<Moment> recurring() {
    static constexpr std::array<View, 26> kEvery{U"每天",     U"每日",     U"每晚",   U"每夜", U"天天", U"日日",     U"夜夜",
                                                 U"晚晚",     U"成日",     U"每周",   U"每逢", U"每到", U"每隔",     U"每个星期",
                                                 U"每星期",   U"每个礼拜", U"每个月", U"每月", U"每年", U"隔三差五", U"隔三岔五",
                                                 U"三天两头", U"一天到晚", U"整天",   U"整夜", U"日夜"};
    if (!eat_one(kEvery)) return std::nullopt;
    if (in(before(), U"嘴油")) return std::nullopt;
    View const said = s_.substr(begin_, i_ - begin_);
    if (said == U"每到" || said == U"每逢" || said == U"每隔") {
      // Only before a time: 每到饭点 is one to people, but not to a calendar.
      std::size_t const here = i_;
      if (said == U"每隔") {
        if (!(amount() && unit())) return std::nullopt;
      } else if (!(eat(U"周末") || eat(U"节假日") || eat(U"假期") || eat(U"下雨天") || eat(U"晚上") || eat(U"夜里") ||
                   eat(U"半夜") || eat(U"傍晚") || eat(U"早上") || eat(U"中午") || weekday_name() || eat(U"夏天") ||
                   eat(U"冬天") || eat(U"月底"))) {
        i_ = here;
        return std::nullopt;
      }
    }
    if (said == U"每周") eat(U"末"), weekday_digit();
    part_and_clock_loosely();
    return moment(Exactness::recurring);
  }
  bool weekday_digit() {
    if (in(peek(), U"一二三四五六日天末")) return ++i_, true;
    return false;
  }
  bool weekday_name() {
    std::size_t const here = i_;
    if ((eat(U"周") || eat(U"星期") || eat(U"礼拜")) && weekday_digit()) return true;
    i_ = here;
    return false;
  }
  /// 凌晨两点到四点 after what recurs: read, not resolved.
  void part_and_clock_loosely() {
    std::size_t here = i_;
    if (eat(U"的") || eat(U"都") || eat(U"到了") || eat(U"到")) {
    }
    bool const part = part_of_day().has_value();
    bool const clock = clock_time(part).has_value();
    if (!part && !clock) {
      i_ = here;
      return;
    }
    if (clock) clock_range(part);
  }

  // --- what has lasted, and what was so long ago

  std::optional<Moment> lasting() {
    static constexpr std::array<View, 14> kSince{U"连续", U"已经", U"持续", U"整整", U"一连", U"足足", U"前后",
                                                 U"接连", U"将近", U"快要", U"快",   U"近",   U"已",   U"都"};
    bool since = false, loose = false;
    while (true) {
      std::size_t const here = i_;
      if (!eat_one(kSince)) break;
      loose = s_.substr(here, i_ - here) == U"都" || s_.substr(here, i_ - here) == U"近";
      if (eat(U"有") || eat(U"了") || eat(U"超过")) {
      }
      since = true;
    }
    std::optional<std::pair<int, int>> n;
    std::optional<Unit> u;
    bool half = false;
    if (eat(U"大半") || eat(U"半")) {
      half = true;
      if (eat(U"个多月") || eat(U"个月") || eat(U"个来月"))
        u = Unit::month;
      else if (eat(U"个多小时") || eat(U"个小时") || eat(U"小时") || eat(U"个钟头") || eat(U"个钟"))
        u = Unit::hour;
      else if (eat(U"年多") || eat(U"年"))
        u = Unit::year;
      else if (eat(U"天"))
        u = Unit::day;
      n = std::pair(1, 1);
    } else {
      if (!since && is_digit(before())) return std::nullopt;
      n = amount();
      if (!n) return std::nullopt;
      u = unit();
      if (u && s_[i_ - 1] == U'晚' && in(peek(), U"上间")) return std::nullopt;
    }
    if (!n || !u) return std::nullopt;
    if (!half && *u == Unit::year && n->first > 150) return std::nullopt;  // 2026年
    if (!half && s_[i_ - 1] == U'日' && !since) return std::nullopt;       // 15日
    if (*u == Unit::day && s_[i_ - 1] == U'天' && peek() == U'气') return std::nullopt;
    if (*u == Unit::week && s_[i_ - 1] == U'周' && in(peek(), U"围边岁")) return std::nullopt;
    if (peek() == U'半') ++i_;
    if (!eat(U"多")) eat(U"有余");
    std::int64_t const one = length_of(*u);
    std::int64_t const least = half ? one / 2 : one * n->first, most = half ? one / 2 : one * n->second;
    std::size_t const here = i_;
    if (!since && eat_one(std::array<View, 3>{U"之前", U"以前", U"前"}) && !in(peek(), U"面方台门任往")) {
      return ago(*u, least, most, half);
    }
    i_ = here;
    if (eat_one(std::array<View, 9>{U"之内", U"以内", U"之后", U"以后", U"内", U"后", U"一次", U"一趟", U"一班"}))
      return std::nullopt;
    bool const follows = eat(U"了") || eat(U"以来") || in(peek(), U"没不无未还仍冇唔") || s_.substr(i_, 2) == U"一直" ||
                         (peek() == U'都' && in(peek(1), U"没不未冇唔无"));
    bool const after = begin_ > 0 && in(before(), U"了咗") && !in(before(2), U"除为");
    // 都三天了, but not 都两天: without a prefix that says so it needs a word after it.
    if (!(follows || after || (since && !loose))) return std::nullopt;
    return moment(Exactness::lasting, Instant{said_.us - most}, said_);
  }
  Moment ago(Unit u, std::int64_t least, std::int64_t most, bool half) {
    Instant from{said_.us - most}, until{said_.us - least};
    switch (u) {
      case Unit::minute: return moment(Exactness::minute, from, Instant{until.us + kMinuteUs});
      case Unit::hour: return moment(Exactness::hour, from, Instant{until.us + kHourUs});
      case Unit::day: {
        if (half) return moment(Exactness::part_of_day, from, Instant{until.us + kHourUs});
        Days d{shanghai_date(from), Date{shanghai_date(until).days + 1}, Exactness::day};
        if (least == most) {
          if (auto m = within(d)) return *m;
        }
        return moment(d);
      }
      case Unit::week: return moment({shanghai_date(from), Date{shanghai_date(until).days + 7}, Exactness::week});
      case Unit::month:
        return moment(
            {shanghai_date(from), Date{shanghai_date(until).days + (half ? 1 : 30)}, half ? Exactness::day : Exactness::month});
      case Unit::year:
        return moment({shanghai_date(from), Date{shanghai_date(until).days + (half ? 30 : 365)},
                       half ? Exactness::month : Exactness::year});
    }
    return moment(Exactness::day, from, until);
  }
  /// 刚才, 这几天, 最近.
  std::optional<Moment> lately() {
    if (eat(U"刚刚") || eat(U"刚才") || eat(U"刚先")) return moment(Exactness::hour, Instant{said_.us - kHourUs}, said_);
    static constexpr std::array<View, 13> kThese{U"最近几天", U"最近这几天", U"最近一段时间", U"这段时间", U"这几天",
                                                 U"这两天",   U"这阵子",     U"近几天",       U"近几日",   U"近日",
                                                 U"近期",     U"近来",       U"最近"};
    if (!eat_one(kThese) || in(before(), U"附靠接临邻") || peek() == U'的') return std::nullopt;
    bool const days = s_.substr(begin_, i_ - begin_).find(U'天') != View::npos || s_[i_ - 1] == U'日';
    std::int64_t const back = days ? 7 : 30;
    Moment m = moment(days ? Exactness::week : Exactness::month, shanghai_midnight(Date{today_.days - back}), said_);
    std::size_t const here = i_;
    if (part_of_day()) {
      m.end = static_cast<std::uint32_t>(i_);
      m.exactness = Exactness::recurring;
    } else {
      i_ = here;
    }
    return m;
  }

  // --- days

  std::optional<Days> days() {
    std::size_t const here = i_;
    for (auto f : {&Reader::relative_day, &Reader::full_date, &Reader::weekday, &Reader::month_or_year, &Reader::day_of_month,
                   &Reader::named_days}) {
      i_ = here;
      if (auto d = (this->*f)()) return d;
    }
    return std::nullopt;
  }
  static Days one(Date d) { return {d, Date{d.days + 1}, Exactness::day}; }

  std::optional<Days> relative_day() {
    static constexpr std::array<std::pair<View, int>, 19> kWords{{{U"大前天", -3},
                                                                  {U"前天", -2},
                                                                  {U"前日", -2},
                                                                  {U"昨天", -1},
                                                                  {U"昨日", -1},
                                                                  {U"昨儿", -1},
                                                                  {U"琴日", -1},
                                                                  {U"寻日", -1},
                                                                  {U"噚日", -1},
                                                                  {U"今天", 0},
                                                                  {U"今日", 0},
                                                                  {U"今儿", 0},
                                                                  {U"大后天", 3},
                                                                  {U"明天", 1},
                                                                  {U"明日", 1},
                                                                  {U"听日", 1},
                                                                  {U"后天", 2},
                                                                  {U"当天", 0},
                                                                  {U"当日", 0}}};
    for (auto const& [word, off] : kWords) {
      if (s_.substr(i_, word.size()) != word) continue;
      if (word[0] == U'前' && in(before(), U"目以之天月年日周期间提")) return std::nullopt;
      if (word[0] == U'后' && in(before(), U"天年月以之然最先大日周今")) return std::nullopt;
      if (word[0] == U'当') return std::nullopt;  // of another day that was told of before
      if (word[0] == U'明' && in(before(), U"说证表声光")) return std::nullopt;
      i_ += word.size();
      return one(Date{today_.days + off});
    }
    static constexpr std::array<std::pair<char32_t, int>, 6> kShort{
        {{U'今', 0}, {U'昨', -1}, {U'前', -2}, {U'明', 1}, {U'琴', -1}, {U'寻', -1}}};
    for (auto const& [c, off] : kShort) {
      if (peek() != c) continue;
      if (c == U'前' && !(in(peek(1), U"晚夜") && !in(before(), U"目以之天月年日周期间提节"))) return std::nullopt;
      if (c == U'明' && (!in(peek(1), U"早晚") || in(before(), U"说证表声光"))) return std::nullopt;
      if ((c == U'琴' || c == U'寻') && peek(1) != U'晚') return std::nullopt;
      std::size_t const here = i_++;
      bool const part =
          std::any_of(kParts.begin(), kParts.end(), [&](auto const& p) { return s_.substr(i_, p.word.size()) == p.word; }) ||
          std::any_of(kShortParts.begin(), kShortParts.end(), [&](auto const& p) { return peek() == p.word[0]; });
      if (part) return one(Date{today_.days + off});
      i_ = here;
    }
    return std::nullopt;
  }

  static bool valid(std::int64_t year, int month, int day) {
    return year >= 1900 && year <= 2100 && month >= 1 && month <= 12 && day >= 1 && day <= days_in_month(year, month);
  }
  /// 2026-11-05, 2026/11/5, 2026.11.5
  std::optional<Days> full_date() {
    if (!is_digit(peek()) || is_digit(before())) return std::nullopt;
    auto const y = number();
    char32_t const mark = peek();
    if (!y || *y < 1900 || *y > 2100 || !in(mark, U"-/.")) return std::nullopt;
    ++i_;
    auto const m = number();
    if (!m || peek() != mark) return std::nullopt;
    ++i_;
    auto const d = number();
    if (!d || !valid(*y, *m, *d)) return std::nullopt;
    if (peek() == U'T') ++i_;
    return one(to_date({*y, *m, *d}));
  }

  std::optional<Days> weekday() {
    int week = 0;
    bool said_week = true;
    if (eat(U"上上个") || eat(U"上上"))
      week = -2;
    else if (eat(U"上个") || eat(U"上"))
      week = -1;
    else if (eat(U"这个") || eat(U"这") || eat(U"本"))
      week = 0;
    else if (eat(U"下个") || eat(U"下"))
      week = 1;
    else
      said_week = false;
    if (!said_week && (in(before(), U"一二三四五六七八九十两几半圆每个0123456789") || in(before(), U"四"))) return std::nullopt;
    if (!(eat(U"周") || eat(U"星期") || eat(U"礼拜"))) return std::nullopt;
    Date const monday{today_.days - iso_weekday(today_) + 1 + 7 * week};
    if (peek() == U'末') {
      ++i_;
      Date sat{monday.days + 5};
      if (!said_week && sat > today_) sat.days -= 7;
      return Days{sat, Date{sat.days + 2}, Exactness::day};
    }
    std::size_t const at = View(U"一二三四五六日").find(peek());
    int day = at != View::npos                                         ? static_cast<int>(at)
              : peek() == U'天'                                        ? 6
              : peek() >= U'1' && peek() <= U'7' && !is_digit(peek(1)) ? static_cast<int>(peek() - U'1')
                                                                       : -1;
    if (day < 0) {
      if (!said_week || in(peek(), U"围边岁年")) return std::nullopt;
      return Days{monday, Date{monday.days + 7}, Exactness::week};
    }
    // 周一带 is no Monday; 周日 before a number of days neither.
    if (!said_week && in(peek(1), U"带圈")) return std::nullopt;
    ++i_;
    Date d{monday.days + day};
    if (!said_week && d > today_) d.days -= 7;
    return one(d);
  }

  std::optional<Days> month_or_year() {
    YearMonthDay const now = to_ymd(today_);
    std::optional<std::int64_t> year;
    bool year_word = false;
    if (eat(U"大前年"))
      year = now.year - 3;
    else if (!in(before(), U"以之目提") && eat(U"前年"))
      year = now.year - 2;
    else if (eat(U"去年") || eat(U"上年") || eat(U"旧年"))
      year = now.year - 1;
    else if (eat(U"今年") || eat(U"本年"))
      year = now.year;
    else if (eat(U"明年"))
      year = now.year + 1;
    year_word = year.has_value();
    if (!year) {
      std::size_t const here = i_;
      auto n = is_digit(before()) ? std::nullopt : number();
      bool const four = i_ - here == 4;
      if (n && four && *n < 1000) n.reset();
      if (n && !four && i_ - here != 2) n.reset();
      if (!n && !is_digit(peek())) n = year_by_digits(here);
      if (n && eat(U"年") && !(peek() == U'级' || peek() == U'款')) {
        int const said = n.value_or(0);
        std::int64_t const y = said < 100 ? 2000 + said : said;
        if (y >= 1949 && y <= 2100 && (said >= 100 || is_digit(peek()) || in(peek(), U"一二三四五六七八九十"))) year = y;
      }
      if (!year) i_ = here;
    }
    if (year && (eat(U"的") || eat(U"度"))) {
    }
    std::size_t const here = i_;
    std::int64_t y = year.value_or(now.year);
    std::optional<int> month;
    if (!year_word && !year) {
      int off = 99;
      if (eat(U"上上个月") || eat(U"上上月"))
        off = -2;
      else if (eat(U"上个月") || eat(U"上月"))
        off = -1;
      else if (eat(U"这个月") || eat(U"本月") || eat(U"当月"))
        off = 0;
      else if (eat(U"下个月") || eat(U"下月"))
        off = 1;
      if (off != 99) {
        std::int64_t const count = now.year * 12 + now.month - 1 + off;
        y = count / 12;
        month = static_cast<int>(count % 12) + 1;
      }
    }
    if (!month) {
      auto n = is_digit(before()) && !year ? std::nullopt : number();
      if (n && *n >= 1 && *n <= 12 && eat(U"月") && !in(peek(), U"子饼球")) {
        month = static_cast<int>(*n);
        eat(U"份");
        // Without a year: the nearest that does not lie far ahead.
        if (!year && Date{to_date({y, *month, 1}).days}.days > today_.days + 60) --y;
      } else {
        i_ = here;
      }
    }
    if (!month) {
      if (!year) return std::nullopt;
      if (eat(U"年初") || eat(U"初")) return Days{to_date({y, 1, 1}), to_date({y, 3, 1}), Exactness::month};
      if (eat(U"年底") || eat(U"底") || eat(U"末")) return Days{to_date({y, 11, 1}), to_date({y + 1, 1, 1}), Exactness::month};
      if (eat(U"上半年")) return Days{to_date({y, 1, 1}), to_date({y, 7, 1}), Exactness::month};
      if (eat(U"下半年")) return Days{to_date({y, 7, 1}), to_date({y + 1, 1, 1}), Exactness::month};
      if (eat(U"春天") || eat(U"春季")) return Days{to_date({y, 3, 1}), to_date({y, 6, 1}), Exactness::month};
      if (eat(U"夏天") || eat(U"夏季")) return Days{to_date({y, 6, 1}), to_date({y, 9, 1}), Exactness::month};
      if (eat(U"秋天") || eat(U"秋季")) return Days{to_date({y, 9, 1}), to_date({y, 12, 1}), Exactness::month};
      if (eat(U"冬天") || eat(U"冬季")) return Days{to_date({y, 12, 1}), to_date({y + 1, 3, 1}), Exactness::month};
      for (NamedDays const& n : named_) {
        for (std::u32string const& w : n.words) {
          if (!eat(w)) continue;
          for (auto const& [from, until] : n.spans) {
            if (to_ymd(from).year == y) return eat(U"期间"), Days{from, Date{until.days + 1}, Exactness::day};
          }
          return std::nullopt;
        }
      }
      return Days{to_date({y, 1, 1}), to_date({y + 1, 1, 1}), Exactness::year};
    }
    Date const first = to_date({y, *month, 1});
    int const length = days_in_month(y, *month);
    auto span = [&](int from, int until) { return Days{Date{first.days + from}, Date{first.days + until}, Exactness::week}; };
    if (eat(U"上旬") || eat(U"初")) {
      // 上月初三 is the third day.
      std::size_t const mark = i_;
      auto d = s_[i_ - 1] == U'初' ? number() : std::nullopt;
      if (d && *d >= 1 && *d <= 10) return one(Date{first.days + *d - 1});
      i_ = mark;
      return span(0, 10);
    }
    if (eat(U"中旬") || eat(U"中")) return span(10, 20);
    if (eat(U"下旬") || eat(U"底") || eat(U"末")) return span(20, length);
    std::size_t const mark = i_;
    auto d = number();
    if (d && *d >= 1 && *d <= length && (eat(U"日") || eat(U"号") || !in(peek(), U"个元块万千百人户栋楼层年月"))) {
      Days out = one(Date{first.days + *d - 1});
      std::size_t const end = i_;
      if (eat(U"到") || eat(U"至") || eat(U"-") || eat(U"~") || eat(U"—")) {
        std::size_t const second = i_;
        auto m2 = number();
        if (m2 && eat(U"月")) {
          auto d2 = number();
          if (d2 && valid(y, *m2, *d2) && (eat(U"日") || eat(U"号"))) {
            Date const last = to_date({y, *m2, *d2});
            if (last > out.from) return Days{out.from, Date{last.days + 1}, Exactness::day};
          }
        } else {
          i_ = second;
          auto d2 = number();
          if (d2 && *d2 > *d && *d2 <= length && (eat(U"日") || eat(U"号")))
            return Days{out.from, Date{first.days + *d2}, Exactness::day};
        }
        i_ = end;
      }
      return out;
    }
    i_ = mark;
    if (!year && !year_word && s_[i_ - 1] == U'月' && in(before(), U"第")) return std::nullopt;
    return Days{first, Date{first.days + length}, Exactness::month};
  }
  /// 二〇二六年: digit by digit.
  std::optional<int> year_by_digits(std::size_t here) {
    i_ = here;
    int value = 0;
    for (int n = 0; n < 4; ++n, ++i_) {
      std::size_t const d = peek() == U'〇' ? 0 : kHanDigits.find(peek());
      if (d == View::npos) return i_ = here, std::nullopt;
      value = value * 10 + static_cast<int>(d);
    }
    return value;
  }

  /// 15号, 15日 of this month, or of the last one when it has not come yet. Not the number of a house, a line or a floor.
  std::optional<Days> day_of_month() {
    if (is_digit(before()) || in(before(), U"第路街巷道弄村园里区栋座幢楼期线牌省市.-/:每月年零一二三四五六七八九十百") ||
        (before() >= U'a' && before() <= U'z'))
      return std::nullopt;
    auto const d = number();
    if (!d || *d < 1 || *d > 31) return std::nullopt;
    bool const ri = eat(U"日");
    if (!ri && !eat(U"号")) return std::nullopt;
    if (in(peek(), U"楼栋门院线店铺车库桌机井口房单元仓厅馆码管路地公文柜台窗桥位摊墙杆灯梯厂矿井子牌内后前游常志岸塔"))
      return std::nullopt;
    YearMonthDay ymd = to_ymd(today_);
    if (*d > ymd.day + 7) {
      if (--ymd.month == 0) ymd.month = 12, --ymd.year;
    }
    if (*d > days_in_month(ymd.year, ymd.month)) return std::nullopt;
    return one(to_date({ymd.year, ymd.month, *d}));
  }

  std::optional<Days> named_days() {
    for (NamedDays const& n : named_) {
      for (std::u32string const& w : n.words) {
        std::size_t const here = i_;
        if (!eat(w)) continue;
        std::pair<Date, Date> const* best = nullptr;
        for (auto const& span : n.spans) {
          if (span.first.days <= today_.days + 60) best = &span;
        }
        if (best == nullptr) {
          i_ = here;
          continue;
        }
        if (eat(U"期间") || eat(U"假期") || eat(U"长假") || eat(U"放假") || eat(U"那几天") || eat(U"当天") || eat(U"那天")) {
        }
        if (eat(U"后") || eat(U"过后")) return Days{Date{best->second.days + 1}, Date{best->second.days + 15}, Exactness::week};
        if (eat(U"之前") || (peek() == U'前' && ++i_ != 0))
          return Days{Date{best->first.days - 14}, best->first, Exactness::week};
        return Days{best->first, Date{best->second.days + 1}, Exactness::day};
      }
    }
    return std::nullopt;
  }

  // --- parts of a day, and the clock

  std::optional<PartOfDay> part_of_day() {
    for (PartOfDay const& p : kParts) {
      if (eat(p.word)) return p;
    }
    return std::nullopt;
  }
  struct ClockTime {
    int hour, minute;
    bool exact;  ///< minutes were said
  };
  /// `named`: a part of a day or a day stands before it, so that 一点 is an hour.
  std::optional<ClockTime> clock_time(bool named) {
    std::size_t const here = i_;
    auto no = [&]() -> std::optional<ClockTime> {
      i_ = here;
      return std::nullopt;
    };
    if (here > 0 && (is_digit(s_[here - 1]) || s_[here - 1] == U'第' || s_[here - 1] == U'.')) return no();
    std::size_t const start = i_;
    auto const h = number();
    if (!h || *h > 24) return no();
    bool const digits = is_digit(s_[start]);
    if (digits && peek() == U':') {
      ++i_;
      if (!is_digit(peek()) || !is_digit(peek(1)) || is_digit(peek(2))) return no();
      int const m = static_cast<int>((peek() - U'0') * 10 + (peek(1) - U'0'));
      i_ += 2;
      if (m > 59) return no();
      if (peek() == U':' && is_digit(peek(1)) && is_digit(peek(2))) i_ += 3;
      return ClockTime{*h, m, true};
    }
    bool const dian = eat(U"点");
    if (!dian && !(peek() == U'时' && (digits || named) && peek(1) != U'间' && eat(U"时"))) return no();
    if (eat(U"钟") || eat(U"整")) return ClockTime{*h, 0, false};
    if (peek() == U'半' && peek(1) != U'天') return ++i_, ClockTime{*h, 30, true};
    if (eat(U"一刻")) return ClockTime{*h, 15, true};
    if (eat(U"三刻")) return ClockTime{*h, 45, true};
    if (eat(U"过") || eat(U"多") || eat(U"左右")) return ClockTime{*h, 0, false};
    std::size_t const mark = i_;
    eat(U"零");
    if (auto m = number(); m && *m <= 59 && (eat(U"分") || (i_ - mark >= 2 && !in(peek(), U"个元块万千百人户栋楼层天年月小")))) {
      if (peek() == U'钟') return no();  // 三点十分钟
      return ClockTime{*h, static_cast<int>(*m), true};
    }
    i_ = mark;
    // 三点建议, 小声一点, 一点都不.
    static constexpr View kNotHours = U"建意要求问原看想希诉疑情内理事不没都也儿钱小大教经困体认声水油头状评用";
    if (!named && in(peek(), kNotHours)) return no();
    if (*h == 1 && !digits && (!named || in(peek(), U"都也儿不没"))) return no();
    if (*h == 0 && !digits) return no();
    return ClockTime{*h, 0, false};
  }
  /// 到四点, -22:00: the end of a range.
  std::optional<ClockTime> clock_range(bool named) {
    std::size_t const here = i_;
    if (!(eat(U"到") || eat(U"至") || eat(U"-") || eat(U"~") || eat(U"—"))) return std::nullopt;
    while (eat(U"—") || eat(U"-")) {
    }
    second_ = part_of_day();
    auto t = clock_time(named || second_.has_value());
    if (!t) i_ = here;
    return t;
  }
  /// Hours since the midnight of the named day, by the part of the day that was said.
  static int hour_in(std::optional<PartOfDay> const& part, int hour) {
    if (!part || hour > 12) return hour;
    if (part->from >= 18) return hour == 12 ? 24 : hour <= 5 ? hour + 24 : hour + 12;
    if (part->from >= 12 || part->word == U"傍晚") return hour == 12 ? 12 : hour + 12;
    if (part->word == U"中午" || part->word == U"正午" || part->word == U"午间") return hour <= 3 ? hour + 12 : hour;
    if (part->until <= 6) return hour == 12 ? 0 : hour;
    return hour;
  }

  /// What stands after a day: its part and the clock.
  std::optional<Moment> within(Days const& d) {
    bool const single = d.until.days == d.from.days + 1;
    std::size_t const here = i_;
    Moment whole = moment(d);
    if (!single) {
      if (d.exactness <= Exactness::week) {
        eat(U"的");
        if (part_of_day()) whole.end = static_cast<std::uint32_t>(i_);
      }
      return whole;
    }
    eat(U"的");
    auto part = part_of_day();
    if (!part) {
      for (PartOfDay const& p : kShortParts) {
        if (!part && i_ == here && in(before_char(), U"今昨前明琴寻天日") && eat(p.word)) part = p;
      }
    }
    bool next_day = false;
    if (part && part->from >= 18) {
      std::size_t const second = i_;
      eat(U"的");
      if (auto more = part_of_day()) {
        next_day = more->word == U"凌晨";
        part = more;
      } else {
        i_ = second;
      }
    }
    std::int64_t const midnight = shanghai_midnight(Date{d.from.days + (next_day ? 1 : 0)}).us;
    if (auto t = clock_time(true)) return at_clock(midnight, part, *t);
    if (!part) {
      i_ = here;
      return whole;
    }
    return moment(Exactness::part_of_day, Instant{midnight + part->from * kHourUs}, Instant{midnight + part->until * kHourUs});
  }
  char32_t before_char() const { return i_ > 0 ? s_[i_ - 1] : U'\0'; }
  Moment at_clock(std::int64_t midnight, std::optional<PartOfDay> const& part, ClockTime const& t) {
    std::int64_t const from = midnight + hour_in(part, t.hour) * kHourUs + t.minute * kMinuteUs;
    std::int64_t until = from + (t.exact ? kMinuteUs : kHourUs);
    if (auto end = clock_range(true)) {
      std::int64_t const last = midnight + hour_in(second_ ? second_ : part, end->hour) * kHourUs + end->minute * kMinuteUs;
      until = last > from ? last : last + kMicrosPerDay;
    } else {
      eat(U"左右") || eat(U"多") || eat(U"前后");
    }
    return moment(t.exact ? Exactness::minute : Exactness::hour, Instant{from}, Instant{until});
  }
  /// 凌晨两点, 半夜, 22:30 without a day: the last that has been, or no day at all.
  std::optional<Moment> without_day() {
    if (in(before(), U"今昨前明")) return std::nullopt;
    auto part = part_of_day();
    if (part && part->from >= 18) {
      std::size_t const second = i_;
      if (auto more = part_of_day())
        part = more;
      else
        i_ = second;
    }
    auto const t = clock_time(part.has_value());
    if (!t) {
      if (!part) return std::nullopt;
      return moment(Exactness::part_of_day);
    }
    Moment m = at_clock(shanghai_midnight(today_).us, part, *t);
    while (m.from->us > said_.us) m.from->us -= kMicrosPerDay, m.until->us -= kMicrosPerDay;
    return m;
  }

  View s_;
  Instant said_;
  Date today_;
  std::vector<NamedDays> const& named_;
  std::size_t begin_ = 0, i_ = 0;
  std::optional<PartOfDay> second_;
};

/// Whether an expression can begin with this character: most of a text is passed over at the cost of one look-up.
bool may_begin(char32_t c, std::vector<NamedDays> const& named) {
  static constexpr View kBegins =
      U"零〇一二两三四五六七八九十百廿卅几数好半大连已持整足接将快近都前昨琴寻噚今明听后上下这本周星礼去旧当每天日夜晚成隔刚最凌"
      U"清早朝中正午晏傍黄深白";
  if (is_digit(c) || in(c, kBegins)) return true;
  return std::any_of(named.begin(), named.end(), [&](NamedDays const& n) {
    return std::any_of(n.words.begin(), n.words.end(), [&](auto const& w) { return !w.empty() && w[0] == c; });
  });
}

}  // namespace

std::string_view to_string(Exactness exactness) {
  static constexpr std::string_view kNames[] = {"minute", "hour", "part_of_day", "day",    "week",
                                                "month",  "year", "recurring",   "lasting"};
  return kNames[static_cast<std::size_t>(exactness)];
}

std::u32string plain(std::u32string_view text) {
  static constexpr View kFrom = U"點鐘週號時個後兩幾間連續天壹贰貳叁參肆伍陆陸柒捌玖拾佰仟：／．－～／",
                        kTo = U"点钟周号时个后两几间连续天一二二三三四五六六七八九十百千:/.-~/";
  static_assert(kFrom.size() == kTo.size());
  std::u32string out(text);
  for (char32_t& c : out) {
    if (c >= 0xFF01 && c <= 0xFF5E) c -= 0xFEE0;
    if (c >= U'A' && c <= U'Z') c += 32;
    if (c < 0x80) continue;
    if (std::size_t const at = kFrom.find(c); at != View::npos) c = kTo[at];
  }
  return out;
}

std::vector<Moment> find_moments(std::u32string_view text, Instant said, std::vector<NamedDays> const& named) {
  std::vector<Moment> out;
  Reader reader(text, said, named);
  for (std::size_t at = 0; at < text.size();) {
    auto const m = may_begin(text[at], named) ? reader.read(at) : std::nullopt;
    if (!m || m->end <= at) {
      ++at;
      continue;
    }
    out.push_back(*m);
    at = m->end;
  }
  return out;
}

}  // namespace yiwang::text
