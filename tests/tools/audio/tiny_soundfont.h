// The smallest soundfont with a piano and a drum kit of two drums; and MIDI files to play.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

#include "engine/base/bytes.h"

namespace yard::testing {

namespace detail {

inline Bytes little(std::uint32_t value, int size) {
  Bytes bytes;
  for (int i = 0; i < size; ++i) bytes += static_cast<char>((value >> (8 * i)) & 0xff);
  return bytes;
}

inline Bytes words(std::initializer_list<std::uint32_t> values) {
  Bytes bytes;
  for (const std::uint32_t value : values) bytes += little(value, 2);
  return bytes;
}

inline Bytes name(std::string_view text) {
  Bytes bytes(text);
  bytes.resize(20);
  return bytes;
}

inline Bytes chunk(std::string_view id, BytesView content) {
  Bytes bytes = Bytes(id) + little(static_cast<std::uint32_t>(content.size()), 4) + Bytes(content);
  if (content.size() % 2 == 1) bytes += '\0';
  return bytes;
}

// Name, program, bank, first zone, then library, genre and morphology.
inline Bytes preset(std::string_view text, std::uint32_t program, std::uint32_t bank, std::uint32_t zone) {
  return name(text) + words({program, bank, zone}) + Bytes(12, '\0');
}

// 46 bytes: name, start, end, loop start and end, rate, key, correction, link, type (mono).
inline Bytes sample(std::string_view text) {
  return name(text) + little(0, 4) + little(64, 4) + little(8, 4) + little(56, 4) + little(22'050, 4) +
         Bytes("\x3c\0", 2) + words({0, 1});
}

}  // namespace detail

inline Bytes tiny_soundfont() {
  using namespace detail;
  const Bytes info = "INFO" + chunk("ifil", words({2, 1})) + chunk("isng", Bytes("EMU8000\0", 8)) +
                     chunk("INAM", Bytes("Tiny\0\0", 6));
  Bytes square;
  for (int i = 0; i < 128; ++i) square += little(i % 16 < 8 ? 8'000 : 0xffff - 8'000, 2);
  const Bytes sound = "sdta" + chunk("smpl", square);
  constexpr std::uint32_t kInstrument = 41;
  constexpr std::uint32_t kKeys = 43;
  constexpr std::uint32_t kSample = 53;
  const auto keys = [](std::uint32_t low, std::uint32_t high) { return low | (high << 8); };
  const Bytes tables =
      "pdta" + chunk("phdr", preset("Kit", 0, 128, 0) + preset("Piano", 0, 0, 1) + preset("EOP", 0, 0, 2)) +
      chunk("pbag", words({0, 0, 1, 0, 2, 0})) + chunk("pmod", Bytes(10, '\0')) +
      chunk("pgen", words({kInstrument, 1, kInstrument, 0, 0, 0})) +
      chunk("inst", name("Square") + words({0}) + name("Drums") + words({1}) + name("EOI") + words({3})) +
      chunk("ibag", words({0, 0, 1, 0, 3, 0, 5, 0})) + chunk("imod", Bytes(10, '\0')) +
      chunk("igen", words({kSample, 0, kKeys, keys(35, 36), kSample, 1, kKeys, keys(38, 38), kSample, 2, 0, 0})) +
      chunk("shdr", sample("Square") + sample("Kick") + sample("Snare") + sample("EOS"));
  return chunk("RIFF", "sfbk" + chunk("LIST", info) + chunk("LIST", sound) + chunk("LIST", tables));
}

// One track: `events` with their delta times, then the end of the track. 480 ticks a quarter, 120 quarters a minute.
inline Bytes midi_file(BytesView events) {
  const Bytes track = Bytes(events) + Bytes("\x00\xff\x2f\x00", 4);
  Bytes size;
  for (int shift = 24; shift >= 0; shift -= 8) size += static_cast<char>((track.size() >> shift) & 0xff);
  return Bytes("MThd\0\0\0\x06\0\0\0\x01\x01\xe0", 14) + "MTrk" + size + track;
}

// Middle C for `quarters` quarters (at most 31): half a second each.
inline Bytes midi_note(int quarters) {
  const int ticks = quarters * 480;
  Bytes events("\x00\x90\x3c\x50", 4);
  events += static_cast<char>(0x80 | (ticks >> 7));
  events += static_cast<char>(ticks & 0x7f);
  return midi_file(events + Bytes("\x80\x3c\x00", 3));
}

}  // namespace yard::testing
