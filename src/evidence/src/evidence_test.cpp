#include <gtest/gtest.h>

#include <map>

#include "yiwang/evidence/leaf.hpp"
#include "yiwang/evidence/merkle.hpp"

using namespace yiwang;
using namespace yiwang::evidence;

namespace {

struct Log {
  HashKind kind;
  std::map<NodeKey, Digest> nodes;
  std::vector<Digest> leaves;
  NodeReader reader() const {
    return [this](NodeKey key) -> Result<Digest> {
      auto it = nodes.find(key);
      YW_ASSERT(it != nodes.end());
      return it->second;
    };
  }
  void add(std::string_view entry) {
    Digest leaf = leaf_hash(kind, entry);
    auto stored = append(kind, leaves.size(), leaf, reader()).value();
    for (StoredNode const& n : stored) nodes[n.key] = n.hash;
    leaves.push_back(leaf);
  }
};

/// The definition of RFC 6962 §2.1 in its own words, slow.
Digest reference_root(HashKind kind, std::span<Digest const> leaves) {
  if (leaves.empty()) return empty_root(kind);
  if (leaves.size() == 1) return leaves[0];
  std::size_t k = 1;
  while (k * 2 < leaves.size()) k *= 2;
  return node_hash(kind, reference_root(kind, leaves.first(k)), reference_root(kind, leaves.subspan(k)));
}

}  // namespace

// The public test vectors of the reference implementation of certificate transparency: eight entries, SHA-256.
// Source: RFC-6962#2.1
TEST(Merkle, AgreesWithPublicVectors) {
  Log log{HashKind::sha256, {}, {}};
  char const* entries[] = {"", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"};
  char const* roots[] = {"6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
                         "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
                         "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
                         "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
                         "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
                         "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
                         "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
                         "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"};
  EXPECT_EQ(to_hex(empty_root(HashKind::sha256)), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  for (std::size_t i = 0; i < 8; ++i) {
    log.add(from_hex(entries[i]).value());
    EXPECT_EQ(to_hex(root(log.kind, i + 1, log.reader()).value()), roots[i]);
  }
  auto path = inclusion_proof(log.kind, 0, 8, log.reader()).value();
  ASSERT_EQ(path.size(), 3u);
  EXPECT_EQ(to_hex(path[0]), "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7");
  EXPECT_EQ(to_hex(path[1]), "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e");
  EXPECT_EQ(to_hex(path[2]), "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4");
}

TEST(Merkle, EveryProofVerifiesAndNoAlteredOneDoes) {
  Log log{HashKind::sm3, {}, {}};
  for (int i = 0; i < 70; ++i) log.add("entry " + std::to_string(i));
  for (std::uint64_t size = 1; size <= 70; ++size) {
    Digest r = root(log.kind, size, log.reader()).value();
    EXPECT_EQ(r, reference_root(log.kind, std::span(log.leaves).first(size)));
    for (std::uint64_t index = 0; index < size; ++index) {
      auto path = inclusion_proof(log.kind, index, size, log.reader()).value();
      EXPECT_TRUE(verify_inclusion(log.kind, log.leaves[index], index, size, path, r));
      EXPECT_FALSE(verify_inclusion(log.kind, log.leaves[index], index + 1, size, path, r));
      Digest wrong = log.leaves[index];
      wrong[3] ^= 1;
      EXPECT_FALSE(verify_inclusion(log.kind, wrong, index, size, path, r));
      if (!path.empty()) {
        path[size % path.size()][7] ^= 0x10;
        EXPECT_FALSE(verify_inclusion(log.kind, log.leaves[index], index, size, path, r));
      }
    }
    for (std::uint64_t first = 1; first <= size; ++first) {
      Digest before = root(log.kind, first, log.reader()).value();
      auto path = consistency_proof(log.kind, first, size, log.reader()).value();
      EXPECT_TRUE(verify_consistency(log.kind, first, size, before, r, path));
      before[0] ^= 1;
      EXPECT_FALSE(verify_consistency(log.kind, first, size, before, r, path));
    }
  }
  EXPECT_EQ(inclusion_proof(log.kind, 70, 70, log.reader()).error().code(), ErrorCode::evidence_range);
  EXPECT_EQ(consistency_proof(log.kind, 0, 70, log.reader()).error().code(), ErrorCode::evidence_range);
}

TEST(Leaf, ErasingThePayloadKeepsTheLeaf) {
  Digest payload = payload_hash(HashKind::sm3, "0123456789abcdef", "{}");
  LeafHeader header{uuid_v7(1, 2, 3), 7, Instant{9}};
  std::string entry = leaf_entry(header, payload);
  EXPECT_EQ(entry.size(), 4u + 16 + 8 + 8 + 32);
  header.revision = 8;
  EXPECT_NE(leaf_entry(header, payload), entry);
}

TEST(SigningKey, SignsWhatOthersCanVerify) {
  SigningKey key = SigningKey::generate().value();
  SigningKey again = SigningKey::from_pem(key.to_pem()).value();
  EXPECT_EQ(again.key_id(), key.key_id());
  EXPECT_EQ(key_id_of(key.public_pem()).value(), key.key_id());
  SignedRoot root{5, sm3("x"), Instant{1}, key.key_id(), ""};
  std::string bytes = signed_root_bytes(root);
  std::string signature = again.sign(bytes).value();
  EXPECT_TRUE(verify_signature(key.public_pem(), bytes, signature));
  bytes[9] ^= 1;
  EXPECT_FALSE(verify_signature(key.public_pem(), bytes, signature));
  EXPECT_FALSE(verify_signature("no key", bytes, signature));
  EXPECT_FALSE(SigningKey::from_pem("no key").has_value());
}
