"""Small files of carts, written by a few lines each, and what every reader of them owes."""

from __future__ import annotations

import base64
import binascii
import random
import struct
import zlib

import numpy as np

from ecg_core.errors import UnreadableFileError

RNG = np.random.default_rng(20)
I_LEAD, II_LEAD = (RNG.integers(-2000, 2000, 500).astype(np.int16) for _ in range(2))


def check_sound(recording, source_format):
    """The contract of a recording, whatever its file was."""
    names = [lead.name for lead in recording.leads]
    assert names and len(set(names)) == len(names)
    assert all(name and name == name.strip() and name.isprintable() for name in names)
    assert recording.source_format == source_format
    assert any(len(lead.samples) for lead in recording.leads)
    for lead in recording.leads:
        assert lead.samples.ndim == 1 and lead.samples.dtype.kind in "if"
        assert lead.samples.dtype.isnative
        if lead.samples.dtype.kind == "f":
            assert lead.samples.dtype == np.float64 and not np.any(np.isinf(lead.samples))
        assert lead.sampling_rate_hz is None or 0 < lead.sampling_rate_hz <= 1e6
        assert lead.unit is None or lead.unit.strip()
        assert np.isfinite(lead.resolution) and lead.resolution != 0 and np.isfinite(lead.offset)
    for texts in (recording.patient, recording.metadata, recording.device):
        assert all(isinstance(x, str) and x and x.isprintable() for pair in texts.items() for x in pair)
    assert all(remark.endswith(".") and remark.isprintable() for remark in recording.remarks)
    starts = [mark.start_s for mark in recording.annotations]
    assert starts == sorted(starts) and all(mark.text for mark in recording.annotations)


def damage(data, *, flips=150, cuts=60, seed=7):
    """Copies of a file cut off or with a few bytes changed."""
    choice = random.Random(seed)
    for _ in range(cuts):
        yield data[: choice.randrange(len(data))]
    for _ in range(flips):
        copy = bytearray(data)
        for _ in range(choice.choice((1, 1, 2, 8))):
            copy[choice.randrange(len(copy))] = choice.choice((0, 0xFF, 0x80, choice.randrange(256)))
        yield bytes(copy)


def check_damaged(data, read, source_format, **how):
    """Our error, or a recording that keeps the contract; nothing else."""
    refused = 0
    for copy in damage(data, **how):
        try:
            check_sound(read(copy), source_format)
        except UnreadableFileError as error:
            assert str(error) and len(str(error)) < 1500 and str(error).isprintable()
            refused += 1
    assert refused


def muse_xml(*, base="500", exponent="0", units="MICROVOLTS", lead_ids=("I", "II", "V1"), counts=None):
    counts = counts or [I_LEAD, II_LEAD, I_LEAD][: len(lead_ids)]
    leads = ""
    for lead_id, lead in zip(lead_ids, counts, strict=True):
        payload = lead.astype("<i2").tobytes()
        leads += (
            f"<LeadData><LeadByteCountTotal>{len(payload)}</LeadByteCountTotal><LeadID>{lead_id}</LeadID>"
            f"<LeadSampleCountTotal>{len(lead)}</LeadSampleCountTotal><LeadSampleSize>2</LeadSampleSize>"
            f"<LeadAmplitudeUnitsPerBit>4.88</LeadAmplitudeUnitsPerBit>"
            f"<LeadAmplitudeUnits>{units}</LeadAmplitudeUnits><LeadDataCRC32>{zlib.crc32(payload)}</LeadDataCRC32>"
            f"<WaveFormData>{base64.b64encode(payload).decode()}</WaveFormData></LeadData>"
        )
    return (
        '<?xml version="1.0" encoding="ISO-8859-1"?>\n<!DOCTYPE RestingECG SYSTEM "restecg.dtd">\n'
        "<RestingECG><MuseInfo><MuseVersion>8.0</MuseVersion></MuseInfo><PatientDemographics>"
        "<PatientID>4711</PatientID><PatientAge>54</PatientAge><AgeUnits>YEARS</AgeUnits>"
        "<Gender>FEMALE</Gender><PatientLastName>M\xfcller</PatientLastName></PatientDemographics>"
        "<TestDemographics><AcquisitionTime>14:22:11</AcquisitionTime>"
        "<AcquisitionDate>03-05-2024</AcquisitionDate></TestDemographics>"
        "<RestingECGMeasurements><VentricularRate>72</VentricularRate><QRSDuration>92</QRSDuration>"
        "<QTCorrected>410</QTCorrected></RestingECGMeasurements>"
        "<Diagnosis><DiagnosisStatement><StmtFlag>ENDSLINE</StmtFlag>"
        "<StmtText>Normal sinus rhythm</StmtText></DiagnosisStatement></Diagnosis>"
        f"<Waveform><WaveformType>Rhythm</WaveformType><SampleBase>{base}</SampleBase>"
        f"<SampleExponent>{exponent}</SampleExponent><HighPassFilter>5</HighPassFilter>"
        f"<LowPassFilter>150</LowPassFilter>{leads}</Waveform></RestingECG>"
    ).encode("latin-1")


def aecg_xml(*, increment="0.002", digits=None, code="MDC_ECG_LEAD_I", unit="uV"):
    digits = " ".join(map(str, I_LEAD)) if digits is None else digits
    return (
        '<?xml version="1.0" encoding="UTF-8"?><!-- a trial -->\n<AnnotatedECG xmlns="urn:hl7-org:v3" '
        'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><id root="1"/>'
        '<effectiveTime><low value="20240305142211"/></effectiveTime><component><series>'
        '<code code="RHYTHM"/><component><sequenceSet><component><sequence><code code="TIME_ABSOLUTE"/>'
        f'<value xsi:type="GLIST_TS"><head value="20240305142211"/><increment value="{increment}" unit="s"/>'
        f'</value></sequence></component><component><sequence><code code="{code}"/>'
        f'<value xsi:type="SLIST_PQ"><origin value="0" unit="{unit}"/><scale value="2.5" unit="{unit}"/>'
        f"<digits>{digits}</digits></value></sequence></component></sequenceSet></component></series>"
        "</component></AnnotatedECG>"
    ).encode()


def sierra_xml(*, waveform=None, attributes='dataencoding="Base64"', labels="I II"):
    payload = np.concatenate((I_LEAD, II_LEAD)).astype("<i2").tobytes() if waveform is None else waveform
    return (
        '<?xml version="1.0" encoding="UTF-8"?><restingecgdata xmlns="http://www3.medical.philips.com">'
        "<documentinfo><documenttype>PhilipsECG</documenttype><documentversion>1.04</documentversion>"
        '</documentinfo><dataacquisition date="2024-03-05" time="14:22:11"><signalcharacteristics>'
        "<samplingrate>500</samplingrate><resolution>5</resolution></signalcharacteristics></dataacquisition>"
        f'<waveforms><parsedwaveforms {attributes} numberofleads="2" leadlabels="{labels}" '
        'durationperchannel="1000" samplespersecond="500" resolution="5">'
        f"{base64.b64encode(payload).decode()}</parsedwaveforms></waveforms></restingecgdata>"
    ).encode()


def mortara_xml():
    data = base64.b64encode(I_LEAD.astype("<i2").tobytes()).decode()
    return (
        '<?xml version="1.0" encoding="UTF-8"?><ECG ACQUISITION_TIME="20240305142211" VENT_RATE="72">'
        '<SUBJECT LAST_NAME="Doe" FIRST_NAME="Jane" ID="17" GENDER="Female"/>'
        '<SOURCE TYPE="STANDARD" MANUFACTURER="Mortara Instrument, Inc." MODEL="ELI250"/>'
        '<AUTOMATIC_INTERPRETATION><STATEMENT TEXT="SINUS RHYTHM" REASON=""/></AUTOMATIC_INTERPRETATION>'
        f'<CHANNEL NAME="I" UNITS_PER_MV="400" DURATION="{len(I_LEAD)}" SAMPLE_FREQ="1000" OFFSET="0" '
        f'BITS="16" FORMAT="SIGNED" ENCODING="BASE64" DATA="{data}"/></ECG>'
    ).encode()


def ishne(*, codes=(0, 6), rate=250, resolutions=(5000, 2500), counts=None, text=b""):
    counts = np.stack((I_LEAD, II_LEAD)) if counts is None else counts
    block = bytearray(512)
    struct.pack_into("<iiiih", block, 0, len(text), counts.shape[1], 522, 522 + len(text), 1)
    block[18:22] = b"Jane"
    struct.pack_into("<h", block, 118, 2)
    struct.pack_into("<3h", block, 128, 5, 3, 2024)
    struct.pack_into("<3h", block, 140, 14, 22, 11)
    struct.pack_into("<h", block, 146, len(counts))
    for index, (code, resolution) in enumerate(zip(codes, resolutions, strict=True)):
        struct.pack_into("<h", block, 148 + 2 * index, code)
        struct.pack_into("<h", block, 196 + 2 * index, resolution)
    struct.pack_into("<h", block, 262, rate)
    header = bytes(block) + text
    return (
        b"ISHNE1.0" + struct.pack("<H", binascii.crc_hqx(header, 0xFFFF)) + header
        + counts.T.astype("<i2").tobytes()
    )  # fmt: skip


def mfer(*, order="little", interval=(1, -6, 4000), data=None, extra=b"", channels=2):
    def define(tag, value):
        length = bytes([len(value)]) if len(value) < 128 else b"\x84" + len(value).to_bytes(4, "big")
        return bytes([tag]) + length + value

    def whole(number, width):
        return int(number).to_bytes(width, order)

    samples = np.stack((I_LEAD, II_LEAD), axis=1) if data is None else data
    unit, exponent, mantissa = interval
    return (
        define(0x40, b"MFR Standard 12 leads ECG ".ljust(32))
        + define(0x01, b"\1" if order == "little" else b"\0")
        + define(0x85, whole(2024, 2) + bytes([3, 5, 14, 22, 11]))
        + define(0x82, b"4711")
        + define(0x84, b"\2")
        + define(0x0B, bytes([unit, exponent & 0xFF]) + whole(mantissa, 2))
        + define(0x0C, bytes([0, -9 & 0xFF]) + whole(1250, 2))
        + define(0x0A, b"\0")
        + define(0x12, whole(-32768 & 0xFFFF, 2))
        + define(0x05, whole(channels, 1 if channels < 256 else 4))
        + b"\x3f\0" + bytes([4, 0x09, 2]) + whole(1, 2)
        + b"\x3f\1" + bytes([4, 0x09, 2]) + whole(2, 2)
        + extra
        + define(0x1E, samples.astype("<i2" if order == "little" else ">i2").tobytes())
        + b"\x80\0"
    )  # fmt: skip


def dicom(groups=({},), *, bits=16, kind="SS", annotations=(), little=True, **attributes):
    """A DICOM file with a waveform of leads I and II; ``groups`` and the like override attributes."""
    import io

    from pydicom.dataset import Dataset, FileMetaDataset
    from pydicom.uid import ExplicitVRBigEndian, ExplicitVRLittleEndian

    types = {"SB": "i1", "UB": "u1", "MB": "u1", "AB": "u1", "SS": "i2", "US": "u2", "SL": "i4", "SV": "i8"}
    dataset = Dataset()
    dataset.SOPClassUID, dataset.SOPInstanceUID = "1.2.840.10008.5.1.4.1.1.9.1.2", "1.2.3"
    dataset.AcquisitionDateTime, dataset.Modality = "20240305142211", "ECG"
    dataset.update({}) if not attributes else [setattr(dataset, k, v) for k, v in attributes.items()]
    items = []
    for overrides in groups:
        overrides = dict(overrides)
        data = overrides.pop("data", np.stack((I_LEAD, II_LEAD), axis=1))
        item = Dataset()
        item.WaveformOriginality, item.SamplingFrequency = "ORIGINAL", 500
        item.NumberOfWaveformChannels, item.NumberOfWaveformSamples = data.shape[1], data.shape[0]
        item.WaveformBitsAllocated, item.WaveformSampleInterpretation = bits, kind
        item.ChannelDefinitionSequence = [dicom_channel(n) for n in range(1, data.shape[1] + 1)]
        raw = data.astype(types[kind]).astype(np.dtype(types[kind]).newbyteorder("<" if little else ">"))
        item.add_new("WaveformData", "OB" if bits == 8 else "OW", raw.tobytes())
        for name, value in overrides.items():
            setattr(item, name, value)
        items.append(item)
    dataset.WaveformSequence = items
    if annotations:
        dataset.WaveformAnnotationSequence = list(annotations)
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian if little else ExplicitVRBigEndian
    dataset.file_meta.MediaStorageSOPClassUID = dataset.SOPClassUID
    dataset.file_meta.MediaStorageSOPInstanceUID = "1.2.3"
    out = io.BytesIO()
    dataset.save_as(out, enforce_file_format=True)
    return out.getvalue()


def dicom_code(value, meaning, scheme):
    from pydicom.dataset import Dataset

    code = Dataset()
    code.CodeValue, code.CodeMeaning, code.CodingSchemeDesignator = value, meaning, scheme
    return code


def dicom_channel(number):
    from pydicom.dataset import Dataset

    channel = Dataset()
    channel.ChannelSourceSequence = [dicom_code(f"2:{number}", f"Lead {number}", "MDC")]
    channel.ChannelSensitivity, channel.ChannelSensitivityCorrectionFactor = "2", "1.25"
    channel.ChannelBaseline = "10"
    channel.ChannelSensitivityUnitsSequence = [dicom_code("uV", "microvolt", "UCUM")]
    channel.WaveformBitsStored = 16
    return channel


def dicom_annotation(concept, *, unit=None, channels=(1, 0), **attributes):
    from pydicom.dataset import Dataset

    item = Dataset()
    item.ConceptNameCodeSequence = [dicom_code("1", concept, "99TEST")]
    item.ReferencedWaveformChannels = list(channels)
    if unit:
        item.MeasurementUnitsCodeSequence = [dicom_code(unit, unit, "UCUM")]
    for name, value in attributes.items():
        setattr(item, name, value)
    return item


def huffman_bits(values):
    """The default code of SCP-ECG (EN 1064, annex C), as bytes."""
    bits = ""
    for value in values:
        if value == 0:
            bits += "0"
        elif abs(value) <= 8:
            bits += "1" * abs(value) + "0" + ("1" if value < 0 else "0")
        elif -128 <= value <= 127:
            bits += "1111111110" + f"{value & 0xFF:08b}"
        else:
            bits += "1111111111" + f"{value & 0xFFFF:016b}"
    bits = bits.ljust(-(-len(bits) // 16) * 16, "0")
    return int("1" + bits, 2).to_bytes(len(bits) // 8 + 1, "big")[1:]


def differences(counts, order):
    """First or second differences at 16 bits, after the first one or two counts as they are."""
    found = np.diff(counts.astype(np.int64), order)
    found = np.concatenate((counts[:order].astype(np.int64), found))
    return found.astype(np.int16).astype(np.int64)


def scp_sections(*, order=0, huffman=False, counts=(I_LEAD, II_LEAD), codes=(1, 2), starts=None, flags=0x14):
    """Sections 2, 3 and 6 of these counts at 500 Hz and 2.5 µV; differences and Huffman code as wished."""
    starts = starts or [1] * len(counts)
    leads = b"".join(
        struct.pack("<IIB", start, start + len(lead) - 1, code)
        for start, lead, code in zip(starts, counts, codes, strict=True)
    )
    coded = [differences(lead, order) if order else lead.astype(np.int64) for lead in counts]
    packed = [huffman_bits(lead) if huffman else lead.astype("<i2").tobytes() for lead in coded]
    sizes = b"".join(struct.pack("<H", len(lead) & 0xFFFF) for lead in packed)
    sections = {
        3: bytes([len(counts), flags]) + leads,
        6: struct.pack("<HHBB", 2500, 2000, order, 0) + sizes + b"".join(packed),
    }
    return sections | ({2: struct.pack("<H", 19999)} if huffman else {})


def scp(sections):
    """An SCP-ECG record with its pointers and checksums."""
    sections = {1: b"\xff\0\0", **sections}
    length = 16 + 10 * (1 + len(sections))
    pointers = struct.pack("<HII", 0, length, 7)
    bodies = b""
    for number, body in sorted(sections.items()):
        pointers += struct.pack("<HII", number, 16 + len(body), 7 + length + len(bodies))
        bodies += framed(number, body)
    rest = framed(0, pointers) + bodies
    rest = struct.pack("<I", 6 + len(rest)) + rest
    return struct.pack("<H", binascii.crc_hqx(rest, 0xFFFF)) + rest


def framed(number, body):
    rest = struct.pack("<HIBB6x", number, 16 + len(body), 20, 20) + body
    return struct.pack("<H", binascii.crc_hqx(rest, 0xFFFF)) + rest
