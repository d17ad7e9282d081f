#include "engine/base/pack_canonical.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "engine/base/pack_json.h"

namespace yard {
namespace {

Bytes canonical(const nlohmann::json& value) { return canonical_pack(PackView(pack(value))); }

TEST(PackCanonical, KeysHaveAnOrderAtEveryDepth) {
  Bytes one;
  PackWriter writer(one);
  {
    PackMap map(writer);
    map.integer("b", 1);
    {
      PackMap inner = map.map("a");
      inner.integer("y", 2).integer("x", 3);
    }
  }
  EXPECT_EQ(canonical_pack(PackView(one)), canonical({{"a", {{"x", 3}, {"y", 2}}}, {"b", 1}}));
}

TEST(PackCanonical, WidthsDoNotMatter) {
  EXPECT_EQ(canonical_pack(PackView(BytesView("\xcd\x00\x05", 3))), "\x05");
  EXPECT_EQ(canonical_pack(PackView(BytesView("\xd3\x00\x00\x00\x00\x00\x00\x00\x05", 9))), "\x05");
  EXPECT_EQ(canonical_pack(PackView(BytesView("\xd9\x01x", 3))), "\xa1x");
  EXPECT_EQ(canonical_pack(PackView(BytesView("\xca\x3f\x80\x00\x00", 5))), canonical(1.0));
}

TEST(PackCanonical, ARealWithoutAFractionIsAnInteger) {
  EXPECT_EQ(canonical_pack(PackView(BytesView("\xcb\x40\x08\x00\x00\x00\x00\x00\x00", 9))), "\x03");
}

TEST(PackCanonical, TypesDo) {
  EXPECT_NE(canonical(3), canonical(3.5));
  EXPECT_NE(canonical("3"), canonical(3));
  EXPECT_NE(canonical(nullptr), canonical(false));
  EXPECT_NE(canonical(nlohmann::json::array({1, 2})), canonical(nlohmann::json::array({2, 1})));
}

TEST(PackCanonical, IsTheSameValueAndCanonicalItself) {
  const nlohmann::json value = {
      {"n", {1, -1, UINT64_MAX, 0.5, nullptr, true}}, {"text", "ü"}, {"empty", nlohmann::json::object()}};
  const Bytes bytes = canonical(value);
  ASSERT_TRUE(check_pack(bytes));
  EXPECT_EQ(to_json(PackView(bytes)), value);
  EXPECT_EQ(canonical_pack(PackView(bytes)), bytes);
}

}  // namespace
}  // namespace yard
