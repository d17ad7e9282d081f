#include "engine/base/pack.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <msgpack.hpp>
#include <nlohmann/json.hpp>

#include "engine/base/pack_json.h"
#include "engine/base/random.h"

namespace yard {
namespace {

using nlohmann::json;
using namespace std::string_view_literals;

Bytes hex(std::string_view text) {
  Bytes bytes;
  for (std::size_t i = 0; i + 1 < text.size(); i += 2) {
    bytes += static_cast<char>(std::stoi(std::string(text.substr(i, 2)), nullptr, 16));
  }
  return bytes;
}

template <typename Write>
Bytes written(Write&& write) {
  Bytes bytes;
  PackWriter writer(bytes);
  write(writer);
  return bytes;
}

ErrorCode refusal(BytesView bytes, const PackLimits& limits = {}) {
  const Status status = check_pack(bytes, limits);
  EXPECT_FALSE(status);
  return status ? ErrorCode{} : status.error().code;
}

// A map of `count` keys "k0", "k1", … with the value nil.
void write_wide_map(PackWriter& writer, std::uint32_t count) {
  writer.map(count);
  for (std::uint32_t i = 0; i < count; ++i) {
    writer.string("k" + std::to_string(i));
    writer.nil();
  }
}

// ---- writing

TEST(PackWriter, WritesGoldenBytes) {
  const auto integer = [](std::int64_t value) { return written([=](PackWriter& w) { w.integer(value); }); };
  EXPECT_EQ(written([](PackWriter& w) { w.nil(); }), hex("c0"));
  EXPECT_EQ(written([](PackWriter& w) { w.boolean(false); }), hex("c2"));
  EXPECT_EQ(written([](PackWriter& w) { w.boolean(true); }), hex("c3"));
  EXPECT_EQ(integer(0), hex("00"));
  EXPECT_EQ(integer(127), hex("7f"));
  EXPECT_EQ(integer(128), hex("cc80"));
  EXPECT_EQ(integer(256), hex("cd0100"));
  EXPECT_EQ(integer(65'536), hex("ce00010000"));
  EXPECT_EQ(integer(std::numeric_limits<std::int64_t>::max()), hex("cf7fffffffffffffff"));
  EXPECT_EQ(integer(-1), hex("ff"));
  EXPECT_EQ(integer(-33), hex("d0df"));
  EXPECT_EQ(integer(-129), hex("d1ff7f"));
  EXPECT_EQ(integer(std::numeric_limits<std::int64_t>::min()), hex("d38000000000000000"));
  EXPECT_EQ(written([](PackWriter& w) { w.natural(~0ull); }), hex("cfffffffffffffffff"));
  EXPECT_EQ(written([](PackWriter& w) { w.real(1.5); }), hex("cb3ff8000000000000"));
  EXPECT_EQ(written([](PackWriter& w) { w.string("abc"); }), hex("a3616263"));
  EXPECT_EQ(written([](PackWriter& w) { w.string(""); }), hex("a0"));
  EXPECT_EQ(written([](PackWriter& w) { w.binary("\x00\xff"sv); }), hex("c40200ff"));
  EXPECT_EQ(written([](PackWriter& w) { w.array(2); }), hex("92"));
  EXPECT_EQ(written([](PackWriter& w) { w.map(16); }), hex("de0010"));
}

TEST(PackWriter, ChoosesHeadsByLength) {
  const auto head = [](std::size_t length, std::size_t size) {
    return written([=](PackWriter& w) { w.string(std::string(length, 'x')); }).substr(0, size);
  };
  EXPECT_EQ(head(31, 1), hex("bf"));
  EXPECT_EQ(head(32, 2), hex("d920"));
  EXPECT_EQ(head(256, 3), hex("da0100"));
  EXPECT_EQ(head(65'536, 5), hex("db00010000"));
}

TEST(PackMap, FillsInItsCount) {
  const Bytes bytes = written([](PackWriter& w) { PackMap(w).string("a", "b").integer("n", -1).nil("z"); });
  EXPECT_EQ(bytes, hex("df00000003"
                       "a161a162"
                       "a16eff"
                       "a17ac0"));
  EXPECT_TRUE(check_pack(bytes));
  EXPECT_EQ(PackView(bytes).size(), 3u);
}

TEST(PackMap, NestsAndCountsEachLevel) {
  const Bytes bytes = written([](PackWriter& w) {
    PackMap outer(w);
    outer.boolean("yes", true);
    {
      PackArray list = outer.array("list");
      list.integer(1).real(2.5).string("three").binary("4").raw(hex("c0"));
      {
        PackMap inner = list.map();
        inner.natural("n", 7);
      }
      {
        PackArray inner = list.array();
      }
      EXPECT_EQ(list.count(), 7u);
    }
    {
      PackMap empty = outer.map("empty");
    }
    outer.value("last").integer(9);
  });
  ASSERT_TRUE(check_pack(bytes));
  EXPECT_EQ(to_json(PackView(bytes)),
            json::parse(R"({"yes":true,"list":[1,2.5,"three","NA==",null,{"n":7},[]],"empty":{},"last":9})"));
}

// ---- checking

TEST(CheckPack, AcceptsEachForm) {
  for (const std::string_view form : {"c0",
                                      "c2",
                                      "c3",
                                      "00",
                                      "7f",
                                      "e0",
                                      "ff",
                                      "ccff",
                                      "cdffff",
                                      "ceffffffff",
                                      "cfffffffffffffffff",
                                      "d080",
                                      "d18000",
                                      "d280000000",
                                      "d38000000000000000",
                                      "ca3fc00000",
                                      "cb3ff8000000000000",
                                      "a0",
                                      "a161",
                                      "d90161",
                                      "da000161",
                                      "db0000000161",
                                      "c400",
                                      "c40161",
                                      "c5000161",
                                      "c60000000161",
                                      "90",
                                      "91c0",
                                      "dc0001c0",
                                      "dd00000001c0",
                                      "80",
                                      "81a161c0",
                                      "de0001a161c0",
                                      "df00000001a161c0"}) {
    const Bytes bytes = hex(form);
    EXPECT_TRUE(check_pack(bytes)) << form;
    EXPECT_EQ(check_pack_prefix(bytes + "tail"), bytes.size()) << form;
    EXPECT_EQ(PackView(bytes + "tail").bytes(), bytes) << form;
  }
}

TEST(CheckPack, EveryPrefixIsTorn) {
  const Bytes bytes = pack(json::parse(R"({"a":[1,-200,70000,1.5,"text",{"b":null,"c":[true,{}]}],"d":{"e":"f"}})"));
  ASSERT_TRUE(check_pack(bytes));
  for (std::size_t length = 0; length < bytes.size(); ++length) {
    EXPECT_EQ(refusal(BytesView(bytes).substr(0, length)), ErrorCode::kBadRequest) << length;
  }
}

TEST(CheckPack, RefusesTrailingBytes) { EXPECT_EQ(refusal(hex("c0c0")), ErrorCode::kBadRequest); }

TEST(CheckPack, RefusesExtensionsAndTheReservedByte) {
  for (const std::string_view form : {"c1", "c70101ff", "c8000101ff", "c90000000101ff", "d401ff", "d501ffff",
                                      "d6ff00000000", "d7ff0000000000000000", "d80100000000000000000000000000000000"}) {
    EXPECT_EQ(refusal(hex(form)), ErrorCode::kBadRequest) << form;
    EXPECT_EQ(refusal(hex("91") + hex(form)), ErrorCode::kBadRequest) << form;
  }
}

TEST(CheckPack, BombsCostNothing) {
  EXPECT_EQ(refusal(hex("dd7fffffff")), ErrorCode::kBadRequest);
  EXPECT_EQ(refusal(hex("ddffffffff")), ErrorCode::kBadRequest);
  EXPECT_EQ(refusal(hex("dfffffffff")), ErrorCode::kBadRequest);
  EXPECT_EQ(refusal(hex("dbffffffff")), ErrorCode::kBadRequest);
  EXPECT_EQ(refusal(hex("c6ffffffff")), ErrorCode::kBadRequest);
}

TEST(CheckPack, NestingIsBounded) {
  EXPECT_EQ(refusal(Bytes(200'000, '\x91')), ErrorCode::kTooLarge);
  EXPECT_TRUE(check_pack(Bytes(32, '\x91') + '\xc0'));
  EXPECT_EQ(refusal(Bytes(33, '\x91') + '\xc0'), ErrorCode::kTooLarge);
  EXPECT_TRUE(check_pack(Bytes(1, '\x91') + '\xc0', {.depth_max = 1}));
  EXPECT_EQ(refusal(hex("9190"), {.depth_max = 1}), ErrorCode::kTooLarge);
  EXPECT_EQ(refusal(hex("90"), {.depth_max = 0}), ErrorCode::kTooLarge);
}

TEST(CheckPack, NestingHasACeilingWhateverTheLimitSays) {
  EXPECT_TRUE(check_pack(Bytes(64, '\x91') + '\xc0', {.depth_max = 1'000'000}));
  EXPECT_EQ(refusal(Bytes(65, '\x91') + '\xc0', {.depth_max = 1'000'000}), ErrorCode::kTooLarge);
}

TEST(CheckPack, NodesAreBoundedInTotal) {
  const Bytes three = hex("9201a0");
  EXPECT_TRUE(check_pack(three, {.nodes_max = 3}));
  EXPECT_EQ(refusal(three, {.nodes_max = 2}), ErrorCode::kTooLarge);
  const Bytes keys_count = hex("81a161c0");
  EXPECT_TRUE(check_pack(keys_count, {.nodes_max = 3}));
  EXPECT_EQ(refusal(keys_count, {.nodes_max = 2}), ErrorCode::kTooLarge);
  EXPECT_EQ(refusal(hex("dd00010000") + Bytes(65'536, '\xc0')), ErrorCode::kTooLarge);
  EXPECT_TRUE(check_pack(hex("dd0000ffff") + Bytes(65'535, '\xc0')));
}

TEST(CheckPack, RefusesNumbersThatJsonDoesNotHave) {
  for (const double value : {std::nan(""), HUGE_VAL, -HUGE_VAL}) {
    EXPECT_EQ(refusal(written([&](PackWriter& w) { w.real(value); })), ErrorCode::kBadRequest);
  }
  EXPECT_EQ(refusal(hex("ca7fc00000")), ErrorCode::kBadRequest);
  EXPECT_EQ(refusal(hex("ca7f800000")), ErrorCode::kBadRequest);
}

TEST(CheckPack, RefusesBadUtf8InStringsAndKeysAlone) {
  EXPECT_EQ(refusal(hex("a1ff")), ErrorCode::kBadRequest);
  EXPECT_EQ(refusal(hex("81a1ffc0")), ErrorCode::kBadRequest);
  EXPECT_TRUE(check_pack(hex("c401ff")));
}

TEST(CheckPack, KeysAreStrings) {
  for (const std::string_view key : {"01", "c0", "c3", "90", "80", "c40161", "cb3ff8000000000000"}) {
    EXPECT_EQ(refusal(hex("81") + hex(key) + hex("c0")), ErrorCode::kBadRequest) << key;
  }
}

TEST(CheckPack, KeysDoNotRepeatAtAnyWidth) {
  for (const std::uint32_t width : {1u, 2u, 11u, 12u, 13u, 31u, 32u, 33u, 100u}) {
    Bytes bytes = written([&](PackWriter& w) { write_wide_map(w, width); });
    EXPECT_TRUE(check_pack(bytes)) << width;
    for (const std::uint32_t repeated : {0u, width / 2, width - 1}) {
      bytes = written([&](PackWriter& w) {
        w.map(width + 1);
        Bytes wide = written([&](PackWriter& inner) { write_wide_map(inner, width); });
        w.raw(BytesView(wide).substr(width < 16 ? 1 : 3));
        w.string("k" + std::to_string(repeated));
        w.nil();
      });
      EXPECT_EQ(refusal(bytes), ErrorCode::kBadRequest) << width << " " << repeated;
    }
  }
}

TEST(CheckPack, TheEmptyKeyRepeatsToo) {
  EXPECT_TRUE(check_pack(hex("81a0c0")));
  EXPECT_EQ(refusal(hex("82a0c0a0c0")), ErrorCode::kBadRequest);
}

TEST(CheckPack, TheSameKeyMayStandInDifferentMaps) {
  EXPECT_TRUE(check_pack(pack(json::parse(R"([{"a":1},{"a":{"a":{"a":1}}}])"))));
}

// More than 32 open keys move to the heap and back; every map keeps its own.
TEST(CheckPack, KeysOfNestedMapsStayApart) {
  for (const std::uint32_t outer : {0u, 5u, 31u, 32u, 33u, 50u}) {
    for (const std::uint32_t inner : {0u, 1u, 10u, 31u, 32u, 40u}) {
      const auto build = [&](std::string_view after) {
        return written([&](PackWriter& w) {
          PackMap map(w);
          for (std::uint32_t i = 0; i < outer; ++i) map.nil("k" + std::to_string(i));
          for (int twice = 0; twice < 2; ++twice) write_wide_map(map.value("inner" + std::to_string(twice)), inner);
          map.nil(after);
        });
      };
      EXPECT_TRUE(check_pack(build("after"))) << outer << " " << inner;
      EXPECT_EQ(refusal(build("inner0")), ErrorCode::kBadRequest) << outer << " " << inner;
      EXPECT_EQ(refusal(build("inner1")), ErrorCode::kBadRequest) << outer << " " << inner;
      if (outer > 0) {
        EXPECT_EQ(refusal(build("k0")), ErrorCode::kBadRequest) << outer << " " << inner;
      }
    }
  }
}

TEST(CheckPack, NamesTheRepeatedKey) {
  const auto status = check_pack(hex("82a16101a16102"));
  EXPECT_NE(status.error().message.find("\"a\""), std::string::npos) << status.error().message;
}

// ---- reading

TEST(PackView, AnswersWithNothingForAnotherType) {
  const Bytes text = hex("a161");
  const PackView view(text);
  EXPECT_EQ(view.string(), "a");
  EXPECT_FALSE(view.is_nil());
  EXPECT_EQ(view.boolean(), std::nullopt);
  EXPECT_EQ(view.integer(), std::nullopt);
  EXPECT_EQ(view.real(), std::nullopt);
  EXPECT_EQ(view.binary(), std::nullopt);
  EXPECT_EQ(view.size(), 0u);
  EXPECT_FALSE(view.find("a"));
  int visits = 0;
  view.each_element([&](PackView) { ++visits; });
  view.each_pair([&](std::string_view, PackView) { ++visits; });
  EXPECT_EQ(visits, 0);
  EXPECT_EQ(view.integer_or(7), 7);
  EXPECT_EQ(view.boolean_or(true), true);
  EXPECT_EQ(view.real_or(0.5), 0.5);
  EXPECT_EQ(PackView().string_or("none"), "none");
}

TEST(PackView, NothingIsFalse) {
  const PackView nothing;
  EXPECT_FALSE(nothing);
  EXPECT_EQ(nothing.type(), std::nullopt);
  EXPECT_TRUE(nothing.bytes().empty());
  EXPECT_FALSE(nothing.find("a").find("b"));
}

TEST(PackView, IntegersConvertToReals) {
  EXPECT_EQ(PackView(hex("07")).real(), 7.0);
  EXPECT_EQ(PackView(hex("ff")).real(), -1.0);
  EXPECT_EQ(PackView(hex("cfffffffffffffffff")).real(), 18446744073709551615.0);
  EXPECT_EQ(PackView(hex("cfffffffffffffffff")).integer(), std::nullopt);
  EXPECT_EQ(PackView(hex("cf7fffffffffffffff")).integer(), std::numeric_limits<std::int64_t>::max());
  EXPECT_EQ(PackView(hex("cb4008000000000000")).integer(), 3);
  EXPECT_EQ(PackView(hex("ca3fc00000")).real(), 1.5);
}

TEST(PackView, FindsPastEveryKindOfValue) {
  const Bytes bytes = pack(json::parse(R"({"a":[[1,{"z":2}],"x"],"b":{"z":[]},"c":"z","z":3})"));
  EXPECT_EQ(PackView(bytes).find("z").integer(), 3);
  EXPECT_EQ(PackView(bytes).find("a").size(), 2u);
  EXPECT_EQ(PackView(bytes).find("b").bytes(), hex("81a17a90"));
  EXPECT_FALSE(PackView(bytes).find("y"));
}

TEST(PackView, TornBytesNeverCrash) {
  const Bytes bytes = pack(json::parse(R"({"a":[1,{"b":"text"}],"c":1.5})"));
  for (std::size_t length = 0; length < bytes.size(); ++length) {
    const Bytes torn = bytes.substr(0, length);
    const PackView view(torn);
    EXPECT_TRUE(view.bytes().empty());
    (void)view.find("c");
    view.each_pair([](std::string_view, PackView value) { (void)value.bytes(); });
  }
}

// ---- against other implementations

// A random value within what JSON has.
json random_json(SeededRandom& random, int depth) {
  const auto text = [&] {
    static constexpr std::string_view kPieces[] = {"a", "Z", "0", "é", "€", "😀", "\n", "\"", "\0"sv};
    std::string made;
    for (auto left = random.next() % 40; left > 0; --left) made += kPieces[random.next() % std::size(kPieces)];
    return made;
  };
  switch (random.next() % (depth > 0 ? 9 : 7)) {
    case 0: return nullptr;
    case 1: return random.next() % 2 == 0;
    case 2: return static_cast<std::int64_t>(random.next()) >> (random.next() % 64);
    case 3: return random.next() >> (random.next() % 64);
    case 4: return static_cast<double>(static_cast<std::int64_t>(random.next())) / 1024.0;
    case 5: return 1.0 / static_cast<double>(1 + random.next() % 1000);
    case 6: return text();
    case 7: {
      json array = json::array();
      for (auto left = random.next() % 20; left > 0; --left) array.push_back(random_json(random, depth - 1));
      return array;
    }
    default: {
      json object = json::object();
      for (auto left = random.next() % 20; left > 0; --left) object[text()] = random_json(random, depth - 1);
      return object;
    }
  }
}

json from_object(const msgpack::object& object) {
  switch (object.type) {
    case msgpack::type::NIL: return nullptr;
    case msgpack::type::BOOLEAN: return object.via.boolean;
    case msgpack::type::POSITIVE_INTEGER: return object.via.u64;
    case msgpack::type::NEGATIVE_INTEGER: return object.via.i64;
    case msgpack::type::FLOAT32:
    case msgpack::type::FLOAT64: return object.via.f64;
    case msgpack::type::STR: return std::string(object.via.str.ptr, object.via.str.size);
    case msgpack::type::ARRAY: {
      json array = json::array();
      for (std::uint32_t i = 0; i < object.via.array.size; ++i) array.push_back(from_object(object.via.array.ptr[i]));
      return array;
    }
    case msgpack::type::MAP: {
      json map = json::object();
      for (std::uint32_t i = 0; i < object.via.map.size; ++i) {
        const auto& pair = object.via.map.ptr[i];
        map[pair.key.as<std::string>()] = from_object(pair.val);
      }
      return map;
    }
    default: return "unexpected type";
  }
}

TEST(PackDifferential, AgreesWithMsgpackCAndNlohmann) {
  constexpr std::uint64_t kSeed = 0x5eed'0001;
  SCOPED_TRACE("seed " + std::to_string(kSeed));
  SeededRandom random(kSeed);
  for (int round = 0; round < 500; ++round) {
    const json value = random_json(random, 4);
    const Bytes bytes = pack(value);
    const Status status = check_pack(bytes, {.nodes_max = 1'000'000});
    ASSERT_TRUE(status) << "round " << round << ": " << status.error().message;
    ASSERT_EQ(to_json(PackView(bytes)), value) << "round " << round;
    const auto unpacked = msgpack::unpack(bytes.data(), bytes.size());
    ASSERT_EQ(from_object(unpacked.get()), value) << "round " << round;
    ASSERT_EQ(json::from_msgpack(bytes), value) << "round " << round;
    const auto theirs = json::to_msgpack(value);
    const Bytes theirs_bytes(theirs.begin(), theirs.end());
    ASSERT_TRUE(check_pack(theirs_bytes, {.nodes_max = 1'000'000})) << "round " << round;
    ASSERT_EQ(to_json(PackView(theirs_bytes)), value) << "round " << round;
  }
}

// One flipped byte: both refuse, or both read the same; what only we refuse is what the header says.
TEST(PackDifferential, AgreesWithMsgpackCOnDamagedBytes) {
  constexpr std::uint64_t kSeed = 0x5eed'0002;
  SCOPED_TRACE("seed " + std::to_string(kSeed));
  SeededRandom random(kSeed);
  int accepted = 0;
  for (int round = 0; round < 3000; ++round) {
    Bytes bytes = pack(random_json(random, 2));
    bytes[random.next() % bytes.size()] = static_cast<char>(random.next());
    if (!check_pack(bytes)) continue;
    ++accepted;
    std::size_t offset = 0;
    const auto unpacked = msgpack::unpack(bytes.data(), bytes.size(), offset);
    ASSERT_EQ(offset, bytes.size()) << "round " << round;
    if (bytes.find('\xc4') == Bytes::npos && bytes.find('\xc5') == Bytes::npos && bytes.find('\xc6') == Bytes::npos) {
      ASSERT_EQ(from_object(unpacked.get()), to_json(PackView(bytes))) << "round " << round;
    }
  }
  EXPECT_GT(accepted, 100);
}

// ---- JSON

TEST(PackJson, CarriesTheWholeRangeOfIntegers) {
  for (const char* text :
       {"0", "-1", "9223372036854775807", "-9223372036854775808", "9223372036854775808", "18446744073709551615"}) {
    EXPECT_EQ(to_json(PackView(pack(json::parse(text)))).dump(), text);
  }
}

TEST(PackJson, BinariesBecomeBase64) {
  EXPECT_EQ(to_json(PackView(hex("c403666f6f"))), "Zm9v");
  EXPECT_EQ(pack(json::binary({0x66, 0x6f, 0x6f})), hex("c403666f6f"));
}

TEST(PackJson, NothingBecomesNull) { EXPECT_EQ(to_json(PackView()), nullptr); }

TEST(ParseJson, BoundsNestingOutsideStrings) {
  EXPECT_EQ(parse_json(R"([{"a":"[[[[\"[[[["}])", 2), json::parse(R"([{"a":"[[[[\"[[[["}])"));
  EXPECT_EQ(parse_json("[[]]", 1).error().code, ErrorCode::kTooLarge);
  EXPECT_EQ(parse_json("[[[[]]]] [[", 4).error().code, ErrorCode::kBadRequest);
  EXPECT_EQ(parse_json(std::string(1'000'000, '[')).error().code, ErrorCode::kTooLarge);
}

TEST(ParseJson, RefusesWhatIsNoJson) {
  for (const char* text : {"", "{", "nul", "'a'", "1 2", "{\"a\":1,}", "\"\xff\"", "NaN"}) {
    const auto refused = parse_json(text);
    ASSERT_FALSE(refused) << text;
    EXPECT_EQ(refused.error().code, ErrorCode::kBadRequest);
  }
}

TEST(PackJson, DeepJsonIsPackedAndThenRefusedNotACrash) {
  constexpr std::size_t kDepth = 200'000;
  const Bytes bytes = pack(json::parse(std::string(kDepth, '[') + std::string(kDepth, ']')));
  EXPECT_EQ(bytes.size(), kDepth);
  EXPECT_EQ(refusal(bytes), ErrorCode::kTooLarge);
}

}  // namespace
}  // namespace yard
