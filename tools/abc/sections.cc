#include "tools/abc/sections.h"

#include <algorithm>
#include <array>
#include <optional>

#include "tools/abc/parser.h"

namespace yard::abc {
namespace {

// Whether an ending comes before anything that sounds.
bool ending_follows(const Tune& tune, std::span<const std::uint32_t> elements, std::size_t at) {
  for (; at < elements.size(); ++at) {
    const ElementValue& value = tune.body[elements[at]].value;
    if (std::holds_alternative<Ending>(value)) return true;
    if (std::holds_alternative<Note>(value) || std::holds_alternative<Chord>(value) ||
        std::holds_alternative<Rest>(value) || std::holds_alternative<Bar>(value)) {
      return false;
    }
  }
  return false;
}

}  // namespace

std::vector<Section> sections_of(const Tune& tune, std::span<const std::uint32_t> elements) {
  std::vector<Section> sections;
  Section section;
  bool has_ending = false;
  bool repeated = false;  // an end of repeat was met
  bool opened = false;    // by a begin of repeat: double bars within don't count
  const auto close = [&](std::size_t end, bool opens) {
    section.end = end;
    if (section.end > section.begin) sections.push_back(section);
    section = Section{.begin = end};
    has_ending = false;
    repeated = false;
    opened = opens;
  };
  for (std::size_t i = 0; i < elements.size(); ++i) {
    const ElementValue& value = tune.body[elements[i]].value;
    if (const auto* ending = std::get_if<Ending>(&value)) {
      has_ending = true;
      for (const std::uint8_t pass : ending->passes) section.passes = std::max<std::uint32_t>(section.passes, pass);
    }
    const auto* bar = std::get_if<Bar>(&value);
    if (bar == nullptr) continue;
    if (bar->repeat_ends > 0) {
      repeated = true;
      section.passes = std::max<std::uint32_t>(section.passes, bar->repeat_ends + 1U);
      if (bar->repeat_starts > 0 || !ending_follows(tune, elements, i + 1)) {
        close(i + 1, bar->repeat_starts > 0);
      }
    } else if (bar->repeat_starts > 0 || (bar->heavy && (has_ending ? repeated : !opened))) {
      close(i + 1, bar->repeat_starts > 0);
    }
  }
  close(elements.size(), false);
  return sections;
}

std::string expand_parts(std::string_view parts) {
  std::vector<std::string> open = {""};  // the text of each bracket not yet closed
  std::string unit;                      // what a number would repeat
  const auto append = [](std::string& text, std::string_view more, std::uint32_t times) {
    for (std::uint32_t i = 0; i < times && text.size() < kPartsPlayedMax; ++i) text += more;
    text.resize(std::min(text.size(), kPartsPlayedMax));
  };
  while (!parts.empty()) {
    if (const auto times = take_number(parts)) {
      // The unit stands there once already.
      append(open.back(), unit, *times > 0 ? *times - 1 : 0);
      unit.clear();
      continue;
    }
    const char c = parts.front();
    parts.remove_prefix(1);
    if (c == '(' && open.size() < kPartsPlayedMax) {
      open.emplace_back();
      unit.clear();
    } else if (c == ')' && open.size() > 1) {
      unit = std::move(open.back());
      open.pop_back();
      append(open.back(), unit, 1);
    } else if (c >= 'A' && c <= 'Z') {
      unit = c;
      append(open.back(), unit, 1);
    }
  }
  std::string played;
  for (const std::string& text : open) append(played, text, 1);
  return played;
}

std::vector<BodyRange> played_ranges(const Tune& tune) {
  const std::size_t size = tune.body.size();
  std::array<std::optional<BodyRange>, 26> by_letter;
  std::size_t first_label = size;
  BodyRange* open = nullptr;
  for (std::size_t i = 0; i < size; ++i) {
    const auto* label = std::get_if<PartLabel>(&tune.body[i].value);
    if (label == nullptr || label->label.empty()) continue;
    const char letter = label->label.front();
    if (letter < 'A' || letter > 'Z') continue;
    if (open != nullptr) open->end = i;
    first_label = std::min(first_label, i);
    auto& range = by_letter[static_cast<std::size_t>(letter - 'A')];
    if (range) {  // the same label again: only its first stretch is that part
      open = nullptr;
      continue;
    }
    range = BodyRange{.begin = i, .end = size};
    open = &*range;
  }
  const std::string order = expand_parts(tune.parts);
  if (order.empty() || first_label == size) return {{.begin = 0, .end = size}};
  std::vector<BodyRange> ranges;
  if (first_label > 0) ranges.push_back({.begin = 0, .end = first_label});
  for (const char letter : order) {
    if (const auto& range = by_letter[static_cast<std::size_t>(letter - 'A')]) ranges.push_back(*range);
  }
  return ranges;
}

}  // namespace yard::abc
