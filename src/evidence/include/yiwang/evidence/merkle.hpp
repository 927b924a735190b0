#pragma once
// An append-only Merkle log with the tree of RFC 6962 §2.1: leaf = H(0x00 ‖ entry), node = H(0x01 ‖ left ‖ right).
// Only complete subtrees are stored, addressed by (level, index); roots, inclusion and consistency proofs of any size
// are computed from O(log² n) stored nodes. Pure: nodes are read through a port.

#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

#include "yiwang/base/crypto.hpp"
#include "yiwang/base/result.hpp"

namespace yiwang::evidence {

/// A node of a complete subtree of 2^level leaves, the index-th one from the left.
struct NodeKey {
  std::uint32_t level;
  std::uint64_t index;
  auto operator<=>(NodeKey const&) const = default;
};

/// Reads a stored node; the tree asks only for nodes that append() has returned.
using NodeReader = std::function<Result<Digest>(NodeKey)>;

Digest leaf_hash(HashKind kind, std::string_view entry);
Digest node_hash(HashKind kind, Digest const& left, Digest const& right);
/// The root of the empty tree: the hash of nothing.
Digest empty_root(HashKind kind);

struct StoredNode {
  NodeKey key;
  Digest hash;
};

/// Appends the leaf that becomes number `size` (from 0): the nodes to store, lowest level first, beginning with the leaf.
/// `read` must find the complete subtrees of the first `size` leaves. Amortised two nodes a leaf.
Result<std::vector<StoredNode>> append(HashKind kind, std::uint64_t size, Digest const& leaf, NodeReader const& read);

/// The root of the first `size` leaves.
Result<Digest> root(HashKind kind, std::uint64_t size, NodeReader const& read);
/// The audit path of leaf `index` in the tree of `size` leaves (RFC 6962 §2.1.1), leaf side first. Errors: evidence.range.
Result<std::vector<Digest>> inclusion_proof(HashKind kind, std::uint64_t index, std::uint64_t size, NodeReader const& read);
/// The consistency proof between two sizes (RFC 6962 §2.1.2). Errors: evidence.range.
Result<std::vector<Digest>> consistency_proof(HashKind kind, std::uint64_t first, std::uint64_t second, NodeReader const& read);

/// Whether the path leads from the leaf to the root.
bool verify_inclusion(HashKind kind, Digest const& leaf, std::uint64_t index, std::uint64_t size, std::vector<Digest> const& path,
                      Digest const& expected_root);
/// Whether the tree of `second` leaves extends the tree of `first` leaves.
bool verify_consistency(HashKind kind, std::uint64_t first, std::uint64_t second, Digest const& first_root,
                        Digest const& second_root, std::vector<Digest> const& path);

}  // namespace yiwang::evidence
