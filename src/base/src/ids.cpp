#include "yiwang/base/ids.hpp"

namespace yiwang {

IdBytes uuid_v7(std::int64_t unix_ms, std::uint16_t sequence, std::uint64_t random) {
  IdBytes id{};
  for (int i = 0; i < 6; ++i) id[static_cast<std::size_t>(i)] = static_cast<std::uint8_t>(unix_ms >> (40 - 8 * i));
  id[6] = static_cast<std::uint8_t>(0x70 | ((sequence >> 8) & 0x0F));
  id[7] = static_cast<std::uint8_t>(sequence & 0xFF);
  for (int i = 0; i < 8; ++i) id[static_cast<std::size_t>(8 + i)] = static_cast<std::uint8_t>(random >> (56 - 8 * i));
  id[8] = static_cast<std::uint8_t>((id[8] & 0x3F) | 0x80);
  return id;
}

std::string to_string(IdBytes const& id) {
  static constexpr char kHex[] = "0123456789abcdef";
  std::string out;
  out.reserve(36);
  for (std::size_t i = 0; i < 16; ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) out += '-';
    out += kHex[id[i] >> 4];
    out += kHex[id[i] & 15];
  }
  return out;
}

Result<IdBytes> parse_id(std::string_view text) {
  auto refuse = [&] { return fail(ErrorCode::base_id, {{"value", std::string(text.substr(0, 64))}}); };
  if (text.size() != 36) return refuse();
  IdBytes id{};
  std::size_t nibble = 0;
  for (std::size_t i = 0; i < 36; ++i) {
    char c = text[i];
    if (i == 8 || i == 13 || i == 18 || i == 23) {
      if (c != '-') return refuse();
      continue;
    }
    int v = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
    if (v < 0) return refuse();
    id[nibble / 2] = static_cast<std::uint8_t>(id[nibble / 2] | (v << (nibble % 2 ? 0 : 4)));
    ++nibble;
  }
  return id;
}

}  // namespace yiwang
