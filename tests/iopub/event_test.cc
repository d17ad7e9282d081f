#include "iopub/event.h"

#include <gtest/gtest.h>

#include "tests/support/hex.h"

namespace yard::iopub {
namespace {

constexpr std::string_view kJob = "00112233445566778899aabbccddeeff";

EventHeader sample() {
  return {.kind = EventKind::kChunk,
          .epoch = 0x0102030405060708,
          .seq = 9,
          .lsn = 0x1122,
          .time = WallTime(Nanos(1'000'000'007)),
          .job = *parse_uuid(kJob)};
}

Bytes sample_frame() {
  Bytes frame;
  encode_event(frame, "j.x", sample(), "\x80");
  return frame;
}

TEST(Event, HasTheBytesOfThePage) {
  EXPECT_EQ(hex(sample_frame()),
            "6a2e7800"          // topic and NUL
            "4a444531"          // JDE1
            "03000000"          // chunk
            "0807060504030201"  // epoch
            "0900000000000000"  // seq
            "2211000000000000"  // lsn
            "07ca9a3b00000000"  // wall_ns
            "00112233445566778899aabbccddeeff"
            "80");
}

TEST(Event, ComesBackAsItWent) {
  const Bytes frame = sample_frame();
  const auto event = decode_event(frame);
  ASSERT_TRUE(event) << to_string(event.error());
  EXPECT_EQ(event->topic, "j.x");
  EXPECT_EQ(event->header, sample());
  EXPECT_EQ(event->body, "\x80");
}

TEST(Event, EveryPrefixWithoutAWholeHeaderIsRefused) {
  const Bytes frame = sample_frame();
  for (std::size_t length = 0; length < 4 + kEventHeaderBytes; ++length) {
    const auto event = decode_event(BytesView(frame).substr(0, length));
    ASSERT_FALSE(event) << length;
    EXPECT_EQ(event.error().code, ErrorCode::kBadFrame);
  }
  EXPECT_TRUE(decode_event(BytesView(frame).substr(0, 4 + kEventHeaderBytes)));
}

TEST(Event, EveryKindHasANameAndTravels) {
  for (int number = 0; number < 256; ++number) {
    const EventKind kind{static_cast<std::uint8_t>(number)};
    Bytes bytes;
    encode_event_header(bytes, {.kind = kind});
    const auto header = decode_event_header(bytes);
    const bool known = number >= 1 && number <= 12;
    EXPECT_EQ(!name_of(kind).empty(), known) << number;
    ASSERT_EQ(header.has_value(), known) << number;
    if (known) {
      EXPECT_EQ(header->kind, kind);
    }
    if (!known) {
      EXPECT_EQ(header.error().message, "event: unknown kind " + std::to_string(number));
    }
  }
}

TEST(Event, WrongMagicIsRefused) {
  Bytes frame = sample_frame();
  for (const unsigned at : {4u, 5u, 6u, 7u}) {
    Bytes bad = frame;
    bad[at] ^= 1;
    EXPECT_FALSE(decode_event(bad)) << at;
  }
}

TEST(Event, TopicHasAtMostTwoHundredBytes) {
  Bytes frame;
  encode_event(frame, std::string(kTopicBytesMax, 't'), sample(), {});
  ASSERT_TRUE(decode_event(frame));
  EXPECT_EQ(decode_event(frame)->topic.size(), kTopicBytesMax);
  EXPECT_FALSE(decode_event("t" + frame));
}

TEST(EventDeathTest, LongerTopicIsABug) {
  Bytes frame;
  EXPECT_DEATH(encode_event(frame, std::string(kTopicBytesMax + 1, 't'), sample(), {}), "check failed");
}

TEST(Topic, OfAJobNamesItsJob) {
  const Uuid job = *parse_uuid(kJob);
  EXPECT_EQ(job_topic(job), "j." + std::string(kJob));
  EXPECT_EQ(job_of_topic(job_topic(job)), job);
  EXPECT_EQ(principal_topic("local"), "t.local");
  EXPECT_EQ(value_topic("garden.transport"), "v.garden.transport");
}

TEST(Topic, OfAnythingElseNamesNone) {
  for (const std::string_view topic :
       {"", "j.", "j.00112233445566778899aabbccddeef", "b.", "l.", "t.local", "j.00112233445566778899aabbccddeeff0",
        "k.00112233445566778899aabbccddeeff", "j.00112233-4455-6677-8899-aabbccddeeff",
        "j.g0112233445566778899aabbccddeeff"}) {
    EXPECT_EQ(job_of_topic(topic), std::nullopt) << topic;
  }
}

}  // namespace
}  // namespace yard::iopub
