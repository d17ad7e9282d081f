#include "tools/bytes_argument.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "engine/base/pack_json.h"

namespace yard::tools {
namespace {

TEST(BytesArgument, TakesBinariesAndBase64) {
  const Bytes binary = pack(nlohmann::json::binary({0, 255}));
  EXPECT_EQ(bytes_argument(PackView(binary)), Bytes("\0\xff", 2));
  const Bytes text = pack("AP8=");
  EXPECT_EQ(bytes_argument(PackView(text)), Bytes("\0\xff", 2));
}

TEST(BytesArgument, RefusesAnythingElse) {
  for (const nlohmann::json& value : {nlohmann::json("AP8"), nlohmann::json(7), nlohmann::json(nullptr)}) {
    const Bytes bytes = pack(value);
    const auto refused = bytes_argument(PackView(bytes));
    ASSERT_FALSE(refused) << value;
    EXPECT_EQ(refused.error().code, ErrorCode::kInvalidArguments);
  }
  EXPECT_FALSE(bytes_argument(PackView()));
}

}  // namespace
}  // namespace yard::tools
