#include "engine/base/base64.h"

#include <gtest/gtest.h>

#include "engine/base/random.h"

namespace yard {
namespace {

struct Pair {
  std::string_view bytes;
  std::string_view text;
};

// Source: RFC 4648 section 10.
constexpr Pair kVectors[] = {{"", ""},
                             {"f", "Zg=="},
                             {"fo", "Zm8="},
                             {"foo", "Zm9v"},
                             {"foob", "Zm9vYg=="},
                             {"fooba", "Zm9vYmE="},
                             {"foobar", "Zm9vYmFy"}};

TEST(Base64, MeetsTheVectorsOfTheRfc) {
  for (const auto& [bytes, text] : kVectors) {
    EXPECT_EQ(to_base64(bytes), text);
    EXPECT_EQ(from_base64(text), bytes);
  }
}

TEST(Base64, CarriesEveryByte) {
  Bytes bytes;
  for (int i = 0; i < 256; ++i) bytes += static_cast<char>(i);
  EXPECT_EQ(from_base64(to_base64(bytes)), bytes);
  EXPECT_EQ(to_base64("\xfb\xff\xfe"), "+//+");
}

TEST(Base64, RefusesWhatIsNotPaddedStandardBase64) {
  for (const std::string_view text : {"Z", "Zg", "Zg=", "Zm9vYg", "Zh==", "Zm9=", "====", "Z===", "=Zg=", "Zg==Zg==",
                                      "Zm9v\n", "Zm 9", "-_-_", "Zm9v Zm9", "Zg=a", "\x80\x80\x80\x80"}) {
    const auto refused = from_base64(text);
    ASSERT_FALSE(refused) << text;
    EXPECT_EQ(refused.error().code, ErrorCode::kBadRequest);
  }
}

TEST(Base64, RoundTripsRandomBytes) {
  SeededRandom random(20'260'101);
  for (std::size_t length = 0; length < 200; ++length) {
    Bytes bytes;
    for (std::size_t i = 0; i < length; ++i) bytes += static_cast<char>(random.next());
    EXPECT_EQ(from_base64(to_base64(bytes)), bytes);
  }
}

}  // namespace
}  // namespace yard
