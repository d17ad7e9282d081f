#include "engine/base/id.h"

#include <gtest/gtest.h>

#include <unordered_set>

#include "engine/base/random.h"

namespace yard {
namespace {

constexpr std::string_view kHex = "00112233445566778899aabbccddeeff";

TEST(Uuid, ReadsHexOfEitherCaseWithAndWithoutHyphens) {
  const auto uuid = parse_uuid(kHex);
  ASSERT_TRUE(uuid);
  EXPECT_EQ(uuid->octets[0], 0x00);
  EXPECT_EQ(uuid->octets[1], 0x11);
  EXPECT_EQ(uuid->octets[15], 0xff);
  EXPECT_EQ(to_hex(*uuid), kHex);
  EXPECT_EQ(parse_uuid("00112233445566778899AABBCCDDEEFF"), uuid);
  EXPECT_EQ(parse_uuid("00112233-4455-6677-8899-aabbCCDDeeff"), uuid);
}

TEST(Uuid, RefusesAnythingElse) {
  for (const std::string_view text :
       {"", "0", "00112233445566778899aabbccddeef", "00112233445566778899aabbccddeeff0",
        "g0112233445566778899aabbccddeeff", " 0112233445566778899aabbccddeeff", "00112233-44556677-8899-aabb-ccddeeff",
        "0011223-34455-6677-8899-aabbccddeeff", "00112233-4455-6677-8899-aabbccddee-f",
        "{0112233445566778899aabbccddeef}", "00112233_4455_6677_8899_aabbccddeeff"}) {
    EXPECT_EQ(parse_uuid(text), std::nullopt) << text;
  }
}

TEST(Uuid, ZeroMeansNone) {
  EXPECT_FALSE(Uuid{});
  EXPECT_TRUE(*parse_uuid("00000000000000000000000000000001"));
  EXPECT_EQ(to_hex(Uuid{}), std::string(32, '0'));
}

TEST(Uuid, ComesFromSixteenBytesInWireOrder) {
  Bytes bytes;
  for (char c = 1; c <= 16; ++c) bytes += c;
  EXPECT_EQ(to_hex(uuid_from_bytes(bytes)), "0102030405060708090a0b0c0d0e0f10");
}

TEST(UuidDeathTest, FifteenBytesAreABug) { EXPECT_DEATH(uuid_from_bytes(Bytes(15, 'x')), "check failed"); }

TEST(StrongId, ComparesAndHashesLikeItsValue) {
  using JobId = StrongId<struct JobIdTag, Uuid>;
  const Uuid uuid = *parse_uuid(kHex);
  EXPECT_EQ(JobId(uuid), JobId(uuid));
  EXPECT_LT(JobId(), JobId(uuid));
  EXPECT_FALSE(JobId());
  EXPECT_TRUE(JobId(uuid));
  EXPECT_EQ(std::hash<JobId>{}(JobId(uuid)), std::hash<Uuid>{}(uuid));
  static_assert(!std::is_convertible_v<Uuid, JobId>);
  static_assert(!std::is_convertible_v<JobId, Uuid>);
}

// Source: the reference implementation's output for seed 0.
TEST(SeededRandom, IsSplitMix64) {
  SeededRandom random(0);
  EXPECT_EQ(random.next(), 0xE220A8397B1DCDAFull);
  EXPECT_EQ(random.next(), 0x6E789E6AA1B965F4ull);
  EXPECT_EQ(random.next(), 0x06C45D188009454Full);
}

TEST(SeededRandom, RepeatsItselfForTheSameSeedOnly) {
  SeededRandom one(7);
  SeededRandom same(7);
  SeededRandom other(8);
  for (int i = 0; i < 100; ++i) {
    const Uuid uuid = make_uuid(one);
    EXPECT_EQ(uuid, make_uuid(same));
    EXPECT_NE(uuid, make_uuid(other));
  }
}

class ZeroRandom final : public Random {
 public:
  std::uint64_t next() override { return 0; }
};

TEST(MakeUuid, IsNeverTheZeroOne) {
  ZeroRandom random;
  EXPECT_TRUE(make_uuid(random));
}

TEST(SystemRandom, MakesDifferentIds) {
  SystemRandom random;
  std::unordered_set<Uuid> seen;
  for (int i = 0; i < 1000; ++i) EXPECT_TRUE(seen.insert(make_uuid(random)).second);
}

}  // namespace
}  // namespace yard
