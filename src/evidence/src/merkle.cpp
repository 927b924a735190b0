#include "yiwang/evidence/merkle.hpp"

#include <bit>

namespace yiwang::evidence {
namespace {

/// The largest power of two smaller than n; n > 1.
std::uint64_t split_point(std::uint64_t n) { return std::bit_floor(n - 1); }

/// MTH of the leaves [begin, begin + size). Source: RFC-6962#2.1
Result<Digest> range_hash(HashKind kind, std::uint64_t begin, std::uint64_t size, NodeReader const& read) {
  if (std::has_single_bit(size) && begin % size == 0) {
    auto level = static_cast<std::uint32_t>(std::countr_zero(size));
    return read({level, begin >> level});
  }
  std::uint64_t k = split_point(size);
  YW_ASSIGN(Digest left, range_hash(kind, begin, k, read));
  YW_ASSIGN(Digest right, range_hash(kind, begin + k, size - k, read));
  return node_hash(kind, left, right);
}

Error out_of_range(std::uint64_t value, std::uint64_t size) {
  return Error(ErrorCode::evidence_range, {{"value", std::to_string(value)}, {"size", std::to_string(size)}});
}

}  // namespace

Digest leaf_hash(HashKind kind, std::string_view entry) { return hash(kind, {std::string_view("\0", 1), entry}); }
Digest node_hash(HashKind kind, Digest const& left, Digest const& right) {
  return hash(kind, {std::string_view("\1", 1), as_view(left), as_view(right)});
}
Digest empty_root(HashKind kind) { return hash(kind, {}); }

Result<std::vector<StoredNode>> append(HashKind kind, std::uint64_t size, Digest const& leaf, NodeReader const& read) {
  std::vector<StoredNode> out{{{0, size}, leaf}};
  Digest current = leaf;
  std::uint64_t index = size;
  for (std::uint32_t level = 0; index % 2 == 1; ++level) {
    YW_ASSIGN(Digest left, read({level, index - 1}));
    current = node_hash(kind, left, current);
    index /= 2;
    out.push_back({{level + 1, index}, current});
  }
  return out;
}

Result<Digest> root(HashKind kind, std::uint64_t size, NodeReader const& read) {
  if (size == 0) return empty_root(kind);
  return range_hash(kind, 0, size, read);
}

Result<std::vector<Digest>> inclusion_proof(HashKind kind, std::uint64_t index, std::uint64_t size, NodeReader const& read) {
  if (index >= size) return fail(out_of_range(index, size));
  // PATH(m, D[n]): walk down, collecting the siblings; reversed so that the leaf's own sibling is first.
  std::vector<Digest> path;
  std::uint64_t begin = 0, n = size, m = index;
  while (n > 1) {
    std::uint64_t k = split_point(n);
    if (m < k) {
      YW_ASSIGN(Digest sibling, range_hash(kind, begin + k, n - k, read));
      path.push_back(sibling);
      n = k;
    } else {
      YW_ASSIGN(Digest sibling, range_hash(kind, begin, k, read));
      path.push_back(sibling);
      begin += k, m -= k, n -= k;
    }
  }
  return std::vector<Digest>(path.rbegin(), path.rend());
}

Result<std::vector<Digest>> consistency_proof(HashKind kind, std::uint64_t first, std::uint64_t second, NodeReader const& read) {
  if (first == 0 || first > second) return fail(out_of_range(first, second));
  // SUBPROOF(m, D[n], b)
  std::vector<Digest> path;
  std::uint64_t begin = 0, n = second, m = first;
  bool whole = true;
  while (m != n) {
    std::uint64_t k = split_point(n);
    if (m <= k) {
      YW_ASSIGN(Digest right, range_hash(kind, begin + k, n - k, read));
      path.push_back(right);
      n = k;
    } else {
      YW_ASSIGN(Digest left, range_hash(kind, begin, k, read));
      path.push_back(left);
      begin += k, m -= k, n -= k;
      whole = false;
    }
  }
  if (!whole) {
    YW_ASSIGN(Digest subtree, range_hash(kind, begin, n, read));
    path.push_back(subtree);
  }
  return std::vector<Digest>(path.rbegin(), path.rend());
}

// Source: RFC-9162#2.1.3.2
bool verify_inclusion(HashKind kind, Digest const& leaf, std::uint64_t index, std::uint64_t size, std::vector<Digest> const& path,
                      Digest const& expected_root) {
  if (index >= size) return false;
  std::uint64_t fn = index, sn = size - 1;
  Digest r = leaf;
  for (Digest const& p : path) {
    if (sn == 0) return false;
    if (fn % 2 == 1 || fn == sn) {
      r = node_hash(kind, p, r);
      while (fn % 2 == 0 && fn != 0) fn >>= 1, sn >>= 1;
    } else {
      r = node_hash(kind, r, p);
    }
    fn >>= 1, sn >>= 1;
  }
  return sn == 0 && r == expected_root;
}

// Source: RFC-9162#2.1.4.2
bool verify_consistency(HashKind kind, std::uint64_t first, std::uint64_t second, Digest const& first_root,
                        Digest const& second_root, std::vector<Digest> const& proof) {
  if (first > second || first == 0) return false;
  if (first == second) return proof.empty() && first_root == second_root;
  std::vector<Digest> path = proof;
  if (std::has_single_bit(first)) path.insert(path.begin(), first_root);
  if (path.empty()) return false;
  std::uint64_t fn = first - 1, sn = second - 1;
  while (fn % 2 == 1) fn >>= 1, sn >>= 1;
  Digest fr = path[0], sr = path[0];
  for (std::size_t i = 1; i < path.size(); ++i) {
    if (sn == 0) return false;
    if (fn % 2 == 1 || fn == sn) {
      fr = node_hash(kind, path[i], fr);
      sr = node_hash(kind, path[i], sr);
      while (fn % 2 == 0 && fn != 0) fn >>= 1, sn >>= 1;
    } else {
      sr = node_hash(kind, sr, path[i]);
    }
    fn >>= 1, sn >>= 1;
  }
  return sn == 0 && fr == first_root && sr == second_root;
}

}  // namespace yiwang::evidence
