#include "dispatch/wire/message.h"

#include <gtest/gtest.h>

#include "tests/support/hex.h"

namespace yard::wire {
namespace {

Header sample() {
  return {.verb = Verb::kCall,
          .flags = kHasOptions,
          .priority = 1,
          .correlation = 0x0102030405060708,
          .id = *parse_uuid("00112233445566778899aabbccddeeff"),
          .session = 0x1112131415161718,
          .budget_ms = 1'000,
          .group = 7,
          .sent_ns = 0x2122232425262728,
          .fence = 9};
}

Bytes sample_frame() { return encode(sample(), "abc_parse", "\x80\x80"); }

ErrorCode code_of(BytesView frame) {
  const auto message = decode(frame);
  EXPECT_FALSE(message);
  return message ? ErrorCode::kInternal : message.error().code;
}

TEST(Message, HasTheBytesOfThePage) {
  EXPECT_EQ(hex(sample_frame()),
            "4a445031"  // JDP1
            "02100109"  // CALL, options, priority 1, nine bytes of name
            "0807060504030201"
            "00112233445566778899aabbccddeeff"
            "1817161514131211"
            "e8030000"
            "07000000"
            "2827262524232221"
            "0900000000000000"
            "6162635f7061727365"
            "8080");
}

TEST(Message, ComesBackAsItWent) {
  const Bytes frame = sample_frame();
  const auto message = decode(frame);
  ASSERT_TRUE(message) << to_string(message.error());
  EXPECT_EQ(message->header, sample());
  EXPECT_EQ(message->tool, "abc_parse");
  EXPECT_EQ(message->body, "\x80\x80");
}

TEST(Message, EveryPrefixThatLacksHeaderOrNameIsBad) {
  const Bytes frame = sample_frame();
  for (std::size_t length = 0; length < kHeaderBytes + 9; ++length)
    EXPECT_EQ(code_of(BytesView(frame).substr(0, length)), ErrorCode::kBadFrame) << length;
  EXPECT_TRUE(decode(BytesView(frame).substr(0, kHeaderBytes + 9))) << "an empty body is the body's own business";
}

TEST(Message, EveryOtherMagicIsBad) {
  for (std::size_t at = 0; at < 3; ++at) {
    Bytes frame = sample_frame();
    frame[at] ^= 0x20;
    EXPECT_EQ(code_of(frame), ErrorCode::kBadFrame);
    EXPECT_EQ(correlation_of(frame), 0u) << "whoever sent it did not mean us";
  }
}

TEST(Message, AnotherMajorVersionIsUnsupported) {
  Bytes frame = sample_frame();
  frame[3] = '2';
  EXPECT_EQ(code_of(frame), ErrorCode::kUnsupported);
}

TEST(Message, EveryVerbHasANameAndEveryOtherNumberIsUnsupported) {
  int known = 0;
  for (int number = 0; number < 256; ++number) {
    Bytes frame = sample_frame();
    frame[4] = static_cast<char>(number);
    const Verb verb{static_cast<std::uint8_t>(number)};
    const bool is_verb = (number >= 1 && number <= 14) || (number >= 0x20 && number <= 0x27) ||
                         (number >= 0x30 && number <= 0x35) || (number >= 0x40 && number <= 0x43) ||
                         (number >= 0x81 && number <= 0x88) || (number >= 0xA0 && number <= 0xA2);
    EXPECT_EQ(!name_of(verb).empty(), is_verb) << number;
    EXPECT_EQ(decode(frame).has_value(), is_verb) << number;
    if (!is_verb) {
      EXPECT_EQ(code_of(frame), ErrorCode::kUnsupported);
    }
    known += is_verb;
  }
  EXPECT_EQ(known, 43);
}

TEST(Message, UnknownCriticalFlagsAreUnsupportedAndOthersIgnored) {
  for (const unsigned flags : {0x20u, 0x40u, 0x80u, 0x30u, 0xf0u}) {
    Bytes frame = sample_frame();
    frame[5] = static_cast<char>(flags);
    EXPECT_EQ(code_of(frame), ErrorCode::kUnsupported) << flags;
    EXPECT_EQ(correlation_of(frame), sample().correlation) << "the refusal can be matched";
  }
  for (const unsigned flags : {0x00u, 0x0fu, 0x10u, 0x1fu}) {
    Bytes frame = sample_frame();
    frame[5] = static_cast<char>(flags);
    EXPECT_TRUE(decode(frame)) << flags;
  }
}

TEST(Message, PrioritiesBeyondThreeAreBad) {
  for (int priority = 0; priority < 256; ++priority) {
    Bytes frame = sample_frame();
    frame[6] = static_cast<char>(priority);
    EXPECT_EQ(decode(frame).has_value(), priority < 4) << priority;
  }
}

TEST(Message, ANameLongerThanTheFrameOrTheLimitIsBad) {
  for (int length = 0; length < 256; ++length) {
    Bytes frame = sample_frame();
    frame[7] = static_cast<char>(length);
    EXPECT_EQ(decode(frame).has_value(), length <= 11) << length;
  }
  Bytes frame = sample_frame() + Bytes(300, 'x');
  frame[7] = 64;
  EXPECT_EQ(decode(frame)->tool.size(), 64u);
  frame[7] = 65;
  EXPECT_EQ(code_of(frame), ErrorCode::kBadFrame);
}

TEST(Message, FourMebibytesAreTheMost) {
  Bytes frame = sample_frame();
  frame.resize(kFrameBytesMax);
  EXPECT_TRUE(decode(frame));
  frame.push_back('x');
  EXPECT_EQ(code_of(frame), ErrorCode::kTooLarge);
  EXPECT_EQ(correlation_of(frame), sample().correlation);
}

TEST(Message, NoHeaderNoCorrelation) {
  const Bytes frame = sample_frame();
  EXPECT_EQ(correlation_of(""), 0u);
  EXPECT_EQ(correlation_of(BytesView(frame).substr(0, 63)), 0u);
  EXPECT_EQ(correlation_of(BytesView(frame).substr(0, 64)), sample().correlation);
}

TEST(Message, HeadIsOverwrittenInPlace) {
  Bytes frame = "before";
  encode_head(frame, {.verb = Verb::kAck});
  frame += "body";
  store_head(frame.data() + 6, {.verb = Verb::kImmediate, .correlation = 5});
  const auto message = decode(BytesView(frame).substr(6));
  ASSERT_TRUE(message);
  EXPECT_EQ(message->header.verb, Verb::kImmediate);
  EXPECT_EQ(message->header.correlation, 5u);
  EXPECT_EQ(message->body, "body");
}

TEST(MessageDeathTest, ALongerNameIsABug) {
  Bytes frame;
  EXPECT_DEATH(encode_head(frame, {}, std::string(65, 'x')), "check failed");
}

}  // namespace
}  // namespace yard::wire
